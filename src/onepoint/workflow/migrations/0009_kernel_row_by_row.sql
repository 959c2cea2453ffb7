-- The two round trips of a command (workflow.md, Rules): load locks the instance row and then the task row, apply
-- writes everything a command changes. Each statement of a volatile function sees what was committed before it began,
-- so the task is read as it is after the lock was won.
--
-- What nearly every command writes (visits, tasks, opinion, journal) is inserted row by row from scalars, which costs half
-- of jsonb_to_recordset and lets each UPDATE find its row by the index, however long the history is. Plans are generic:
-- planned once per connection, never per call.

CREATE OR REPLACE FUNCTION workflow_load(p_task bigint, p_instance bigint, p_key text)
RETURNS TABLE (
    id bigint, version_id bigint, subject_type text, subject_id bigint, subject_number text, region_id bigint,
    unit_id bigint, started_by_id bigint, status text, marking jsonb, variables jsonb, outcome text, region_path text,
    unit_path text, replayed boolean,
    task_id bigint, visit_seq integer, node_id text, task_name text, task_name_en text, task_status text, arrival text,
    assignee_id bigint, owner_id bigint, candidate_keys text[], task_unit_id bigint, created_at timestamptz,
    completed_by_id bigint, completed_at timestamptz, task_outcome text, assignee_name text,
    root_id bigint, caller_id bigint, caller_visit integer, depth integer, moves jsonb, parent_id bigint,
    signer_position text, delegators bigint[], finish jsonb, has_signers boolean
)
LANGUAGE plpgsql ROWS 1 SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_id bigint := p_instance;
    v_root bigint;
    v workflow_processinstance%ROWTYPE;
    t workflow_usertask%ROWTYPE;
BEGIN
    IF p_task IS NOT NULL THEN
        SELECT x.instance_id INTO v_id FROM workflow_usertask x WHERE x.id = p_task;
    END IF;
    SELECT i.* INTO v FROM workflow_processinstance i WHERE i.id = v_id AND i.root_id IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        -- A called process and its callers change each other, so all of them wait for the outermost one's lock.
        SELECT i.root_id INTO v_root FROM workflow_processinstance i WHERE i.id = v_id;
        PERFORM 1 FROM workflow_processinstance i WHERE i.id = v_root FOR NO KEY UPDATE;
        SELECT i.* INTO v FROM workflow_processinstance i WHERE i.id = v_id FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    IF p_task IS NOT NULL THEN
        SELECT x.* INTO t FROM workflow_usertask x WHERE x.id = p_task FOR NO KEY UPDATE;
    END IF;
    RETURN QUERY SELECT
        v.id, v.version_id, v.subject_type::text, v.subject_id, v.subject_number::text, v.region_id, v.unit_id,
        v.started_by_id, v.status::text, v.marking, v.variables, v.outcome::text,
        (SELECT r.path::text FROM accounts_region r WHERE r.id = v.region_id),
        (SELECT u.path::text FROM accounts_orgunit u WHERE u.id = v.unit_id),
        p_key <> '' AND EXISTS (SELECT 1 FROM workflow_commandkey c WHERE c.key = p_key),
        t.id, t.visit_seq, t.node_id::text, t.name::text, t.name_en::text, t.status::text, t.arrival::text, t.assignee_id,
        t.owner_id, t.candidate_keys, t.unit_id, t.created_at, t.completed_by_id, t.completed_at, t.outcome::text,
        (SELECT a.name::text FROM accounts_user a WHERE a.id = t.assignee_id),
        v.root_id, v.caller_id, v.caller_visit, v.depth::integer, v.moves, t.parent_id, t.position::text, t.delegators,
        t.finish,
        t.id IS NOT NULL AND EXISTS (
            SELECT 1 FROM workflow_usertask s WHERE s.parent_id = t.id AND s.status IN ('open', 'claimed', 'waiting')
        );
END
$$;

-- p holds what changed; a part that is absent costs nothing. Returns {id, status, tasks: {visit: id}, ended: [rows],
-- calls: {visit: id}, thrown: [ids]}.
CREATE OR REPLACE FUNCTION workflow_apply(p jsonb) RETURNS jsonb
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_id bigint := (p ->> 'id')::bigint;
    v_at timestamptz := (p ->> 'at')::timestamptz;
    v_new jsonb := p -> 'new';
    v_status text := p ->> 'status';
    v_tasks jsonb;
    v_ended jsonb;
    v_calls jsonb;
    v_thrown jsonb;
    v_rows jsonb;
    v_row jsonb;
    v_new_task bigint;
BEGIN
    IF v_id IS NULL THEN
        INSERT INTO workflow_processinstance (
            version_id, subject_type, subject_id, subject_number, region_id, unit_id, started_by_id, status, marking,
            variables, outcome, started_at, ended_at, caller_id, caller_visit, root_id, depth
        ) VALUES (
            (v_new ->> 'version_id')::bigint, v_new ->> 'subject_type', (v_new ->> 'subject_id')::bigint,
            v_new ->> 'subject_number', (v_new ->> 'region_id')::bigint, (v_new ->> 'unit_id')::bigint,
            (v_new ->> 'started_by_id')::bigint, v_status, p -> 'marking', p -> 'variables', p ->> 'outcome', v_at,
            CASE WHEN v_status IN ('completed', 'terminated') THEN v_at END,
            (v_new ->> 'caller_id')::bigint, (v_new ->> 'caller_visit')::integer, (v_new ->> 'root_id')::bigint,
            COALESCE((v_new ->> 'depth')::smallint, 0)
        ) RETURNING id INTO v_id;
    END IF;

    IF p ? 'visits' THEN
        v_rows := p -> 'visits';
        FOR n IN 0 .. jsonb_array_length(v_rows) - 1 LOOP
            v_row := v_rows -> n;
            INSERT INTO workflow_visit (
                instance_id, seq, node_id, scope, nth, parents, consumed, locals, replaces, undone, entered_at, left_at,
                actor_id, outcome
            ) VALUES (
                v_id, (v_row ->> 'seq')::integer, v_row ->> 'node_id', (v_row ->> 'scope')::integer,
                (v_row ->> 'nth')::integer, translate(v_row ->> 'parents', '[]', '{}')::integer[], v_row -> 'consumed',
                NULLIF(v_row -> 'locals', 'null'::jsonb), (v_row ->> 'replaces')::integer, false, v_at,
                CASE WHEN v_row ->> 'outcome' <> '' THEN v_at END, (v_row ->> 'actor_id')::bigint, v_row ->> 'outcome'
            );
        END LOOP;
    END IF;
    IF p ? 'left' THEN
        v_rows := p -> 'left';
        FOR n IN 0 .. jsonb_array_length(v_rows) - 1 LOOP
            v_row := v_rows -> n;
            UPDATE workflow_visit
            SET left_at = v_at, actor_id = (v_row ->> 'actor_id')::bigint, outcome = v_row ->> 'outcome'
            WHERE instance_id = v_id AND seq = (v_row ->> 'seq')::integer AND left_at IS NULL;
        END LOOP;
    END IF;
    IF p ? 'undone' THEN
        UPDATE workflow_visit SET undone = true
        WHERE instance_id = v_id AND seq = ANY (translate(p ->> 'undone', '[]', '{}')::integer[]);
    END IF;

    IF p ? 'scopes' THEN
        INSERT INTO workflow_scoperecord (
            instance_id, number, kind, node_id, parent, visit_seq, index, locals, items, replaces, outcome, opened_at, closed_at
        )
        SELECT v_id, x.number, x.kind, x.node_id, x.parent, x.visit_seq, x.index, x.locals,
            NULLIF(x.items, 'null'::jsonb), x.replaces, x.outcome, v_at, CASE WHEN x.outcome <> '' THEN v_at END
        FROM jsonb_to_recordset(p -> 'scopes') AS x (
            number integer, kind text, node_id text, parent integer, visit_seq integer, index integer, locals jsonb,
            items jsonb, replaces integer, outcome text
        )
        -- Only a reopened process opens a scope that is there already: its outermost one.
        ON CONFLICT (instance_id, number) DO UPDATE SET closed_at = NULL, outcome = '';
    END IF;
    IF p ? 'closed' THEN
        UPDATE workflow_scoperecord s SET closed_at = v_at, outcome = x.outcome
        FROM jsonb_to_recordset(p -> 'closed') AS x (number integer, outcome text)
        WHERE s.instance_id = v_id AND s.number = x.number;
    END IF;
    IF p ? 'changed' THEN
        UPDATE workflow_scoperecord s SET items = x.items
        FROM jsonb_to_recordset(p -> 'changed') AS x (number integer, items jsonb)
        WHERE s.instance_id = v_id AND s.number = x.number;
    END IF;

    -- To another version: what is alive gets the names of the new drawing; visits keep theirs.
    IF p ? 'moved_scopes' THEN
        UPDATE workflow_scoperecord s SET node_id = x.node_id
        FROM jsonb_to_recordset(p -> 'moved_scopes') AS x (number integer, node_id text)
        WHERE s.instance_id = v_id AND s.number = x.number;
    END IF;
    IF p ? 'moved_tasks' THEN
        UPDATE workflow_usertask t
        SET node_id = x.node_id, name = x.name, name_en = x.name_en, subject_status = x.subject_status
        FROM jsonb_to_recordset(p -> 'moved_tasks') AS x (
            visit_seq integer, node_id text, name text, name_en text, subject_status text
        )
        WHERE t.instance_id = v_id AND t.visit_seq = x.visit_seq AND t.status IN ('open', 'claimed', 'waiting');
        UPDATE workflow_servicecall c SET node_id = x.node_id
        FROM jsonb_to_recordset(p -> 'moved_tasks') AS x (visit_seq integer, node_id text)
        WHERE c.instance_id = v_id AND c.visit_seq = x.visit_seq AND c.status IN ('pending', 'failed');
    END IF;
    IF p ? 'moved_waits' THEN
        UPDATE workflow_timer t SET node_id = x.node_id
        FROM jsonb_to_recordset(p -> 'moved_waits') AS x (visit_seq integer, old text, node_id text)
        WHERE t.instance_id = v_id AND t.visit_seq = x.visit_seq AND t.node_id = x.old
            AND t.status IN ('waiting', 'frozen');
        UPDATE workflow_subscription s SET node_id = x.node_id
        FROM jsonb_to_recordset(p -> 'moved_waits') AS x (visit_seq integer, old text, node_id text)
        WHERE s.instance_id = v_id AND s.visit_seq = x.visit_seq AND s.node_id = x.old AND s.closed_at IS NULL;
    END IF;
    IF p ? 'moved_incidents' THEN
        UPDATE workflow_incident i SET node_id = x.node_id
        FROM jsonb_to_recordset(p -> 'moved_incidents') AS x (old text, node_id text)
        WHERE i.instance_id = v_id AND i.node_id = x.old AND i.resolved_at IS NULL;
    END IF;

    -- Old tasks end before new ones begin: one live task per visit.
    IF p ? 'done' THEN
        v_row := p -> 'done';
        UPDATE workflow_usertask
        SET status = v_row ->> 'status', outcome = v_row ->> 'outcome', assignee_id = (v_row ->> 'actor_id')::bigint,
            completed_by_id = (v_row ->> 'actor_id')::bigint, completed_at = v_at,
            owner_id = COALESCE(owner_id, (v_row ->> 'actor_id')::bigint), claimed_at = COALESCE(claimed_at, v_at)
        WHERE id = (v_row ->> 'id')::bigint;
    END IF;
    IF p ? 'ended' THEN
        WITH gone AS (
            UPDATE workflow_usertask t SET status = 'cancelled', outcome = x.outcome, completed_at = v_at
            FROM jsonb_to_recordset(p -> 'ended') AS x (visit_seq integer, outcome text)
            WHERE t.instance_id = v_id AND t.visit_seq = x.visit_seq
                AND t.status IN ('open', 'claimed', 'waiting')
            RETURNING t.id, t.visit_seq, t.node_id, t.name, t.name_en, t.status, t.arrival, t.subject_status,
                t.assignee_id, t.candidate_keys, t.unit_id, t.outcome
        )
        SELECT jsonb_agg(to_jsonb(gone)) INTO v_ended FROM gone;
        UPDATE workflow_incident i SET resolved_at = v_at
        FROM jsonb_to_recordset(p -> 'ended') AS x (visit_seq integer)
        WHERE i.instance_id = v_id AND i.visit_seq = x.visit_seq AND i.token IS NULL AND i.resolved_at IS NULL;
    END IF;
    IF p ? 'tasks' THEN
        v_rows := p -> 'tasks';
        v_tasks := '{}';
        FOR n IN 0 .. jsonb_array_length(v_rows) - 1 LOOP
            v_row := v_rows -> n;
            INSERT INTO workflow_usertask (
                instance_id, visit_seq, node_id, name, name_en, process_key, subject_type, subject_id, subject_number,
                subject_status, status, arrival, assignee_id, owner_id, candidate_keys, unit_id, created_at, claimed_at,
                outcome, due_at, priority, held
            ) VALUES (
                v_id, (v_row ->> 'visit_seq')::integer, v_row ->> 'node_id', v_row ->> 'name', v_row ->> 'name_en',
                p ->> 'process_key', p ->> 'subject_type', (p ->> 'subject_id')::bigint, p ->> 'subject_number',
                v_row ->> 'subject_status', CASE WHEN v_row ->> 'assignee_id' IS NULL THEN 'open' ELSE 'claimed' END,
                v_row ->> 'arrival', (v_row ->> 'assignee_id')::bigint, (v_row ->> 'assignee_id')::bigint,
                ARRAY(SELECT jsonb_array_elements_text(v_row -> 'candidate_keys')), (v_row ->> 'unit_id')::bigint, v_at,
                CASE WHEN v_row ->> 'assignee_id' IS NOT NULL THEN v_at END, '', NULL,
                COALESCE((p ->> 'priority')::smallint, 0), p ? 'suspended'
            )
            RETURNING id INTO v_new_task;
            v_tasks := v_tasks || jsonb_build_object(v_row ->> 'visit_seq', v_new_task);
        END LOOP;
    END IF;
    IF p ? 'opinion' THEN
        v_row := p -> 'opinion';
        INSERT INTO workflow_opinion (
            task_id, instance_id, author_id, unit_id, step, step_en, outcome, outcome_label, outcome_label_en, text, at, duration
        ) VALUES (
            (v_row ->> 'task_id')::bigint, v_id, (v_row ->> 'author_id')::bigint, (v_row ->> 'unit_id')::bigint,
            v_row ->> 'step', v_row ->> 'step_en', v_row ->> 'outcome', v_row ->> 'outcome_label',
            v_row ->> 'outcome_label_en', v_row ->> 'text', v_at,
            GREATEST(v_at - (v_row ->> 'since')::timestamptz, interval '0')
        );
    END IF;

    IF p ? 'calls' THEN
        WITH fresh AS (
            INSERT INTO workflow_servicecall (
                instance_id, visit_seq, node_id, handler, variables, status, attempts, last_error, created_at
            )
            SELECT v_id, x.visit_seq, x.node_id, x.handler, x.variables, 'pending', 0, '', v_at
            FROM jsonb_to_recordset(p -> 'calls') AS x (visit_seq integer, node_id text, handler text, variables jsonb)
            ON CONFLICT (instance_id, visit_seq) DO UPDATE SET status = 'pending', attempts = 0, finished_at = NULL
            RETURNING id, visit_seq
        )
        SELECT jsonb_object_agg(fresh.visit_seq, fresh.id) INTO v_calls FROM fresh;
    END IF;
    IF p ? 'calls_ended' THEN
        UPDATE workflow_servicecall c SET status = x.status, last_error = x.error, finished_at = v_at
        FROM jsonb_to_recordset(p -> 'calls_ended') AS x (visit_seq integer, status text, error text)
        WHERE c.instance_id = v_id AND c.visit_seq = x.visit_seq AND c.status IN ('pending', 'failed');
    END IF;

    -- What ends, or has happened, goes before what begins: one wait per visit and node.
    IF p ? 'fired' THEN
        UPDATE workflow_timer SET status = 'fired', fired_at = v_at, last_error = ''
        WHERE id = (p ->> 'fired')::bigint AND status = 'waiting';
    END IF;
    IF p ? 'timers_ended' THEN
        UPDATE workflow_timer t SET status = 'cancelled'
        FROM jsonb_to_recordset(p -> 'timers_ended') AS x (visit_seq integer, node_id text)
        WHERE t.instance_id = v_id AND t.visit_seq = x.visit_seq AND t.node_id = x.node_id
            AND t.status IN ('waiting', 'frozen');
    END IF;
    IF p ? 'timers' THEN
        INSERT INTO workflow_timer (
            instance_id, visit_seq, node_id, kind, value, calendar, round, rounds, due_at, status, remaining, created_at,
            attempts, last_error
        )
        SELECT v_id, x.visit_seq, x.node_id, x.kind, x.value, x.calendar, x.round, x.rounds, x.due_at,
            CASE WHEN p ? 'suspended' THEN 'frozen' ELSE 'waiting' END,
            CASE WHEN p ? 'suspended' THEN x.due_at - v_at END, v_at, 0, ''
        FROM jsonb_to_recordset(p -> 'timers') AS x (
            visit_seq integer, node_id text, kind text, value text, calendar text, round integer, rounds integer,
            due_at timestamptz
        );
    END IF;
    IF p ? 'subscriptions_ended' THEN
        UPDATE workflow_subscription s SET closed_at = v_at
        FROM jsonb_to_recordset(p -> 'subscriptions_ended') AS x (visit_seq integer, node_id text)
        WHERE s.instance_id = v_id AND s.visit_seq = x.visit_seq AND s.node_id = x.node_id AND s.closed_at IS NULL;
    END IF;
    IF p ? 'subscriptions' THEN
        INSERT INTO workflow_subscription (instance_id, visit_seq, node_id, kind, name, correlation, created_at)
        SELECT v_id, x.visit_seq, x.node_id, x.kind, x.name, x.correlation, v_at
        FROM jsonb_to_recordset(p -> 'subscriptions') AS x (
            visit_seq integer, node_id text, kind text, name text, correlation text
        );
    END IF;
    IF p ? 'taken' THEN
        UPDATE workflow_processmessage SET status = 'taken', taken_at = v_at, taken_by_id = v_id
        WHERE id = (p ->> 'taken')::bigint AND kind = 'message';
    END IF;
    IF p ? 'thrown' THEN
        WITH fresh AS (
            INSERT INTO workflow_processmessage (
                kind, name, correlation, variables, source_id, status, sent_at, expires_at
            )
            SELECT x.kind, x.name, x.correlation, x.variables, v_id, 'waiting', v_at, x.expires_at
            FROM jsonb_to_recordset(p -> 'thrown') AS x (
                kind text, name text, correlation text, variables jsonb, expires_at timestamptz
            )
            RETURNING id
        )
        SELECT jsonb_agg(fresh.id) INTO v_thrown FROM fresh;
    END IF;

    IF p ? 'resolved' THEN
        UPDATE workflow_incident i SET resolved_at = v_at, resolved_by_id = (p ->> 'actor_id')::bigint
        FROM jsonb_to_recordset(p -> 'resolved') AS x (token integer, visit_seq integer)
        WHERE i.instance_id = v_id AND i.resolved_at IS NULL
            AND ((x.token IS NOT NULL AND i.token = x.token)
                OR (x.token IS NULL AND i.token IS NULL AND i.visit_seq = x.visit_seq));
    END IF;
    IF p ? 'incidents' THEN
        INSERT INTO workflow_incident (instance_id, node_id, visit_seq, token, code, message, created_at)
        SELECT v_id, x.node_id, x.visit_seq, x.token, x.code, x.message, v_at
        FROM jsonb_to_recordset(p -> 'incidents') AS x (
            node_id text, visit_seq integer, token integer, code text, message text
        );
    END IF;
    IF v_status IN ('completed', 'terminated') THEN
        UPDATE workflow_incident SET resolved_at = v_at WHERE instance_id = v_id AND resolved_at IS NULL;
        -- The end of a suspension is the one timer the engine knows nothing of.
        UPDATE workflow_timer SET status = 'cancelled'
        WHERE instance_id = v_id AND visit_seq = 0 AND node_id = '' AND status IN ('waiting', 'frozen');
    -- An instance that was active has no open incident, and only this function makes one.
    ELSIF v_status = 'active' AND (p ? 'incidents' OR v_new IS NULL AND p ->> 'was' IS DISTINCT FROM 'active')
        AND EXISTS (SELECT 1 FROM workflow_incident WHERE instance_id = v_id AND resolved_at IS NULL)
    THEN
        v_status := 'incident';
    END IF;
    IF p ? 'suspended' AND v_status IN ('active', 'incident') THEN
        v_status := 'suspended';
    END IF;

    IF v_new IS NULL OR v_status <> (p ->> 'status') THEN
        UPDATE workflow_processinstance
        SET marking = p -> 'marking', variables = p -> 'variables', status = v_status, outcome = p ->> 'outcome',
            ended_at = CASE WHEN v_status IN ('completed', 'terminated') THEN v_at END,
            generation = generation + CASE WHEN p ? 'reopened' THEN 1 ELSE 0 END,
            version_id = COALESCE((p ->> 'version_id')::bigint, version_id),
            moves = COALESCE(p -> 'moves', moves)
        WHERE id = v_id;
    END IF;

    v_rows := p -> 'audit';
    FOR n IN 0 .. jsonb_array_length(v_rows) - 1 LOOP
        v_row := v_rows -> n;
        INSERT INTO core_auditentry (at, actor_id, actor_name, verb, subject_type, subject_id, data, ip_address)
        VALUES (
            v_at, (p ->> 'actor_id')::bigint, COALESCE(p ->> 'actor_name', ''), v_row ->> 'verb', p ->> 'subject_type',
            (p ->> 'subject_id')::bigint, v_row -> 'data', (p ->> 'address')::inet
        );
    END LOOP;
    IF p ? 'key' THEN
        INSERT INTO workflow_commandkey (key, instance_id, created_at) VALUES (p ->> 'key', v_id, v_at);
    END IF;
    RETURN jsonb_build_object('id', v_id, 'status', v_status, 'tasks', v_tasks, 'ended', v_ended, 'calls', v_calls,
        'thrown', v_thrown);
END
$$;

-- The same guard as before in two triggers: conditions are read anew by every statement, so leaving a visit, which every
-- step does, meets the short one only.
DROP TRIGGER visit_is_append_only ON workflow_visit;
CREATE TRIGGER visit_is_left_once BEFORE UPDATE OF left_at, actor_id, outcome ON workflow_visit
    FOR EACH ROW WHEN (
        OLD.left_at IS NOT NULL
        AND (OLD.left_at, OLD.actor_id, OLD.outcome) IS DISTINCT FROM (NEW.left_at, NEW.actor_id, NEW.outcome)
    )
    EXECUTE FUNCTION workflow_refuse_change();
CREATE TRIGGER visit_is_append_only
    BEFORE UPDATE OF instance_id, seq, node_id, scope, nth, parents, consumed, entered_at ON workflow_visit
    FOR EACH ROW WHEN (
        (OLD.instance_id, OLD.seq, OLD.node_id, OLD.scope, OLD.nth, OLD.parents, OLD.consumed, OLD.entered_at)
            IS DISTINCT FROM
        (NEW.instance_id, NEW.seq, NEW.node_id, NEW.scope, NEW.nth, NEW.parents, NEW.consumed, NEW.entered_at)
    )
    EXECUTE FUNCTION workflow_refuse_change();
