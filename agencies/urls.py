"""Signing in, people, roles, codes and tokens."""

from django.urls import path

from agencies.access import Verb, access
from agencies.pages import account, people, people_import, screens, tokens

urlpatterns = [
    path("sign-in/", access(Verb.READ)(account.SignIn.as_view()), name="sign-in"),
    path("sign-out/", access(Verb.READ)(account.SignOut.as_view()), name="sign-out"),
    path("welcome/<uidb64>/<token>/", access(Verb.READ)(account.Welcome.as_view()), name="welcome"),
    path("account/", account.account, name="account"),
    path("account/contact/", account.contact, name="account-contact"),
    path("account/password/", account.change_password, name="change-password"),
    path("account/sessions/end/", account.end_sessions, name="end-sessions"),
    path("code/", account.code, name="code"),
    path("people/", people.people, name="people"),
    path("people/roles/", people.roles, name="roles"),
    path("people/codes/", account.print_codes, name="print-codes"),
    path("people/import/", people_import.upload, name="import-people"),
    path("people/import/template/", people_import.template, name="people-template"),
    path("people/import/confirm/", people_import.confirm, name="confirm-people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/roles/", people.give, name="give-role"),
    path("people/<int:pk>/roles/<int:place_id>/take/", people.take, name="take-role"),
    path("people/<int:pk>/invite/", people.invite, name="invite"),
    path("people/<int:pk>/active/", people.set_active, name="set-active"),
    path("screens/", screens.screens, name="screens"),
    path("screens/<int:pk>/end/", screens.end, name="end-screen"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="revoke-token"),
]
