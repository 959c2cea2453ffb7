// A short message centre for the tests: tells on its standard output what it was given, and does what its input says.
const readline = require('node:readline');
const smpp = require('smpp');

let manners = {};
let count = 0;
const sessions = new Set();

const tell = (event, facts = {}) => process.stdout.write(`${JSON.stringify({event, ...facts})}\n`);

function receiptFor(session, source, destination, id) {
  const stat = manners.receipt;
  if (!stat || stat === 'none') return;
  const now = '2611221200';
  session.deliver_sm({
    source_addr: destination, destination_addr: source, esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:${now} done date:${now} stat:${stat} err:000 text:`,
    ...(manners.options ? {receipted_message_id: id, message_state: stat === 'DELIVRD' ? 2 : 5} : {}),
  }, (answer) => tell('receipt_answered', {id, status: answer.command_status}));
}

const server = smpp.createServer({}, (session) => {
  sessions.add(session);
  session.on('error', () => {});
  session.on('close', () => { sessions.delete(session); tell('closed'); });
  session.on('bind_transceiver', (pdu) => {
    const is_right = pdu.system_id === 'onepoint' && pdu.password === 'secret';
    tell('bind', {is_right});
    session.send(pdu.response({command_status: is_right ? 0 : smpp.ESME_RBINDFAIL}));
    if (!is_right) session.close();
  });
  session.on('enquire_link', (pdu) => { tell('link'); session.send(pdu.response()); });
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    count += 1;
    const content = pdu.short_message;
    const id = `${manners.prefix || 'm'}${count}`;
    const [failing] = (manners.statuses || []).splice(0, 1);
    const status = failing || 0;
    tell('submit', {
      id, status, source: pdu.source_addr, destination: pdu.destination_addr, coding: pdu.data_coding,
      text: typeof content === 'string' ? content : content.message, reference: pdu.user_message_reference,
      udh: content.udh ? content.udh.map((part) => part.toString('hex')) : [], receipt: pdu.registered_delivery,
    });
    if (manners.silent) return;
    if (manners.hangs_up) { session.destroy(); return; }
    if (manners.raw) { session.socket.write(Buffer.from(manners.raw, 'hex')); return; }
    const answer = () => session.send(pdu.response({command_status: status, message_id: status ? '' : id}));
    if (status) { answer(); return; }
    if (manners.early) { receiptFor(session, pdu.source_addr, pdu.destination_addr, id); setTimeout(answer, 50); return; }
    answer();
    setTimeout(() => receiptFor(session, pdu.source_addr, pdu.destination_addr, id), manners.after || 10);
  });
});

server.listen(Number(process.argv[2] || 0), '127.0.0.1', () => tell('listening', {port: server.address().port}));

readline.createInterface({input: process.stdin}).on('line', (line) => {
  const wish = JSON.parse(line, (name, value) => (value && value.type === 'Buffer' ? Buffer.from(value.data) : value));
  if (wish.manners) manners = wish.manners;
  if (wish.incoming) {
    for (const session of sessions) {
      session.deliver_sm(wish.incoming, (answer) => tell('incoming_answered', {status: answer.command_status}));
    }
  }
  if (wish.raw) for (const session of sessions) session.socket.write(Buffer.from(wish.raw, 'hex'));
  if (wish.link) for (const session of sessions) session.enquire_link({}, () => tell('link_answered'));
  tell('done');
}).on('close', () => process.exit(0));
