from django.urls import path

from onepoint.channels.views import chats, visitors

urlpatterns = [
    path("chat/", visitors.chat_begin, name="chat-begin"),
    path("chat/widget.js", visitors.chat_widget, name="chat-widget"),
    path("chat/s/<str:token>/", visitors.chat_visitor, name="chat-visitor"),
    path("chat/s/<str:token>/news/", visitors.chat_news, name="chat-news"),
    path("chat/s/<str:token>/say/", visitors.chat_say, name="chat-say"),
    path("chat/s/<str:token>/typing/", visitors.chat_type, name="chat-type"),
    path("chat/s/<str:token>/end/", visitors.chat_end, name="chat-end"),
    path("chat/s/<str:token>/rate/", visitors.chat_rate, name="chat-rate"),
    path("chat/s/<str:token>/transcript/", visitors.chat_transcript, name="chat-transcript"),
    path("chat/s/<str:token>/files/<int:pk>/", visitors.chat_visitor_file, name="chat-visitor-file"),
    path("chats/", chats.chat_desk, name="chat-desk"),
    path("chats/live/", chats.chat_live, name="chat-live"),
    path("chats/threads/", chats.chat_threads, name="chat-threads"),
    path("chats/sites/", chats.chat_sites_list, name="chat-site-list"),
    path("chats/sites/<int:pk>/switch/<str:on>/", chats.chat_site_switch, name="chat-site-switch"),
    path("chats/beside/", chats.chat_beside, name="chat-beside"),
    path("chats/<int:pk>/column/", chats.chat_column, name="chat-column"),
    path("chats/<int:pk>/", chats.chat_detail, name="chat-detail"),
    path("chats/<int:pk>/part/", chats.chat_part, name="chat-part"),
    path("chats/<int:pk>/answer/", chats.chat_answer, name="chat-answer"),
    path("chats/<int:pk>/typing/", chats.chat_agent_types, name="chat-agent-types"),
    path("chats/<int:pk>/end/", chats.chat_finish, name="chat-finish"),
    path("chats/<int:pk>/pass/", chats.chat_pass, name="chat-pass"),
    path("chats/<int:pk>/ticket/", chats.chat_ticket, name="chat-ticket"),
    path("chats/<int:pk>/wrap-up/", chats.chat_wrap_up, name="chat-wrap-up"),
    path("chats/<int:pk>/confirm/", chats.chat_confirm, name="chat-confirm"),
    path("chats/<int:pk>/files/<int:file_id>/", chats.chat_file, name="chat-file"),
]
