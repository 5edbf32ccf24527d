"""Signing in, people, roles, codes and tokens."""

from django.urls import path

from agencies.access import Verb, access
from agencies.pages import codes, people, people_import, person, tokens
from agencies.pages import sign_in as signin

urlpatterns = [
    path("sign-in/", access(Verb.READ)(signin.SignIn.as_view()), name="sign-in"),
    path("sign-out/", access(Verb.READ)(signin.SignOut.as_view()), name="sign-out"),
    path("welcome/<uidb64>/<token>/", access(Verb.READ)(signin.Welcome.as_view()), name="welcome"),
    path("code/", codes.code, name="code"),
    path("people/", people.people, name="people"),
    path("people/roles/", people.roles, name="roles"),
    path("people/codes/", codes.print_codes, name="print-codes"),
    path("people/import/", people_import.upload, name="import-people"),
    path("people/import/template/", people_import.template, name="people-template"),
    path("people/import/confirm/", people_import.confirm, name="confirm-people"),
    path("people/<int:pk>/", person.person, name="person"),
    path("people/<int:pk>/roles/", person.give, name="give-role"),
    path("people/<int:pk>/roles/<int:place_id>/take/", person.take, name="take-role"),
    path("people/<int:pk>/invite/", person.invite, name="invite"),
    path("people/<int:pk>/active/", person.set_active, name="set-active"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="revoke-token"),
]
