from datetime import UTC, date, datetime

from django import forms

from core.rendering import render
from onepoint.core.templatetags.ui_forms import SearchInput


class TicketForm(forms.Form):
    title = forms.CharField(label="摘要", help_text="一句话")
    unit = forms.ChoiceField(label="部门", choices=[("", "—"), ("1", "网络部")])
    due_at = forms.DateTimeField(label="时限", required=False)
    on = forms.DateField(label="日期", required=False)
    text = forms.CharField(label="内容", widget=forms.Textarea, required=False)
    way = forms.ChoiceField(label="方式", choices=[("p", "电话")], widget=forms.RadioSelect, required=False)
    green = forms.BooleanField(label="绿色通道", required=False)
    files = forms.FileField(label="附件", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


class FilterForm(forms.Form):
    q = forms.CharField(label="关键词", widget=SearchInput, required=False)
    since = forms.DateField(label="从", required=False)


def test_a_field_shows_label_help_and_that_it_is_required():
    html = render("{% field form.title %}", form=TicketForm())
    assert '<label class="field__label field__label--required" for="id_title">摘要</label>' in html
    assert '<div class="field__help" id="id_title_help">一句话</div>' in html
    assert 'aria-describedby="id_title_help"' in html
    assert 'class="form-control"' in html


def test_an_error_stands_beside_its_field_and_is_announced():
    html = render("{% field form.title %}", form=TicketForm({}))
    assert "field--invalid" in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_help id_title_errors"' in html
    assert 'id="id_title_errors"' in html


def test_dates_become_native_inputs_with_the_value_they_understand():
    form = TicketForm(initial={"due_at": datetime(2026, 11, 22, 4, 5, tzinfo=UTC), "on": date(2026, 1, 2)})
    assert 'type="datetime-local"' in render("{% field form.due_at %}", form=form)
    assert 'value="2026-11-22T12:05"' in render("{% field form.due_at %}", form=form)
    assert 'value="2026-01-02"' in render("{% field form.on %}", form=form)


def test_what_a_native_input_sends_is_accepted():
    form = TicketForm({"title": "x", "unit": "1", "due_at": "2026-11-22T12:05", "on": "2026-01-02"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["due_at"] == datetime(2026, 11, 22, 4, 5, tzinfo=UTC)


def test_a_picker_asks_its_url():
    html = render('{% field form.unit picker="/units/options/" data_with="#id_region" %}', form=TicketForm())
    assert 'data-island="picker"' in html
    assert 'data-url="/units/options/"' in html
    assert 'data-with="#id_region"' in html


def test_a_searchable_select_needs_no_url():
    html = render("{% field form.unit picker=True %}", form=TicketForm())
    assert 'data-island="picker"' in html
    assert "data-url" not in html


def test_a_checkbox_stands_before_its_label():
    html = render("{% field form.green %}", form=TicketForm())
    assert html.index('type="checkbox"') < html.index("绿色通道")


def test_radio_buttons_are_a_named_group():
    html = render("{% field form.way %}", form=TicketForm())
    assert "<fieldset" in html
    assert "<legend" in html
    assert 'type="radio"' in html


def test_files_get_a_frame_that_takes_dropped_ones():
    assert 'data-island="file-list"' in render("{% field form.files %}", form=TicketForm())


def test_a_hidden_field_has_no_label():
    assert "label" not in render("{% field form.token %}", form=TicketForm())


def test_a_grid_shows_the_named_fields_only():
    html = render('{% form_fields form "title" "text" columns=3 %}', form=TicketForm())
    assert 'class="fields fields--3"' in html
    assert 'name="title"' in html
    assert 'name="unit"' not in html
    assert "field--wide" in html  # the text area


def test_the_number_of_faults_stands_on_top():
    assert "form-errors" not in render("{% form_errors form %}", form=TicketForm())
    assert "2" in render("{% form_errors form %}", form=TicketForm({}))


def test_a_filter_bar_keeps_the_sort_order_and_swaps_its_list():
    html = render('{% filter_bar form "tickets" %}', path="/tickets/?sort=-due&page=3", form=FilterForm({"q": "宽带"}))
    assert 'method="get"' in html
    assert 'hx-target="#tickets"' in html
    assert '<input type="hidden" name="sort" value="-due">' in html
    assert 'name="page"' not in html
    assert 'type="search"' in html
    assert 'value="宽带"' in html
    assert 'type="date"' in html
