"""Pages with nothing but components, for the tests of the islands."""

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path
from django.utils.safestring import mark_safe

from onepoint.core.errors import NotPermitted
from onepoint.core.tables import Column, Page
from onepoint.core.templatetags.ui_forms import SearchInput

UNITS = [("1", "网络部"), ("2", "计费中心"), ("3", "市场部"), ("4", "装维中心")]
sent: list[dict[str, list[str]]] = []


class UnitForm(forms.Form):
    unit = forms.ChoiceField(label="部门", choices=[("", "—"), *UNITS])
    several = forms.MultipleChoiceField(label="多个部门", choices=UNITS, required=False)
    remote = forms.CharField(label="客户", widget=forms.Select(choices=[("", "")]), required=False)
    text = forms.CharField(label="意见", widget=forms.Textarea, required=False)


class NameFilter(forms.Form):
    q = forms.CharField(label="名称", widget=SearchInput, required=False)
    kind = forms.ChoiceField(label="类型", choices=[("", "不限"), ("a", "甲")], required=False)


def page(request: HttpRequest, body: str, **context: object) -> HttpResponse:
    source = (
        '{% extends "core/base.html" %}{% block title %}试{% endblock %}{% block content %}' + body + "{% endblock %}"
    )
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def form_page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = UnitForm(request.POST)
        if request.POST.get("refuse") and not form.is_valid():
            return page(
                request, "{% form_errors form %}{% field form.text %}{% field form.unit picker=True %}", form=form
            )
        sent.append({name: request.POST.getlist(name) for name in request.POST if name != "csrfmiddlewaretoken"})
        return page(request, "<p>已收到</p>")
    body = """<form method="post" data-island="unsaved">{% csrf_token %}{% field form.unit picker=True %}
      {% field form.several picker=True %}{% field form.remote picker="/options/" %}{% field form.text %}
      <button class="btn btn-primary">保存</button>
      <button class="btn btn-danger" name="verb" value="abort" data-confirm="确定终止？">终止</button></form>
      {% copy_button "TS1" %}"""
    return page(request, body, form=UnitForm())


def options(request: HttpRequest) -> JsonResponse:
    found = [{"value": 7, "label": "王建国", "note": "138"}] if request.GET.get("q") == "wang" else []
    return JsonResponse({"results": found})


def list_page(request: HttpRequest) -> HttpResponse:
    rows = [f"第{number}张" for number in range(1, 4)]
    if request.GET.get("sort") == "-name":
        rows.reverse()
    rows = [row for row in rows if request.GET.get("q", "") in row]
    columns = [Column("name", "名称", ("name",))]
    content = Page(
        rows=rows, columns=columns, number=1, size=50, has_next=False, total=len(rows), total_is_capped=False,
        sort=request.GET.get("sort", "name"), parameters=request.GET,
    )  # fmt: skip
    body = """{% filter_bar form "things" %}{% data_table page id="things" %}{% for row in page.rows %}<tr data-href="/form/?row={{ row }}"><td>
      <a href="/form/?row={{ row }}">{{ row }}</a></td></tr>{% endfor %}{% enddata_table %}
      <button hx-post="/refused/" hx-target="#things">试</button>
      <div id="live" hx-get="/said/" hx-trigger="live:todo from:body">旧</div>"""
    return page(request, body, page=content, form=NameFilter(request.GET))


def refused(request: HttpRequest) -> HttpResponse:
    raise NotPermitted


def said(request: HttpRequest) -> HttpResponse:
    return HttpResponse(mark_safe("新"))


def process_page(request: HttpRequest) -> HttpResponse:
    return page(request, '{% process_picture "/process.bpmn" "/state.json" %}')


def drawing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BPMN, content_type="application/xml")


def state(request: HttpRequest) -> JsonResponse:
    nodes = {"ask": {"state": "done", "who": "周敏"}, "answer": {"state": "now", "who": "王工", "duration": "2 小时"}}
    return JsonResponse({"nodes": nodes, "flows": ["one"]})


urlpatterns = [
    path("form/", form_page),
    path("options/", options),
    path("list/", list_page),
    path("refused/", refused),
    path("said/", said),
    path("process/", process_page),
    path("process.bpmn", drawing),
    path("state.json", state),
]

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" targetNamespace="x">
  <process id="p"><userTask id="ask" name="问"/><userTask id="answer" name="答"/>
    <sequenceFlow id="one" sourceRef="ask" targetRef="answer"/></process>
  <bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="pl" bpmnElement="p">
    <bpmndi:BPMNShape id="s1" bpmnElement="ask"><dc:Bounds x="100" y="80" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s2" bpmnElement="answer"><dc:Bounds x="280" y="80" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="e1" bpmnElement="one"><di:waypoint x="200" y="120"/><di:waypoint x="280" y="120"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>"""
