"""Signing in, people and tokens."""

from django.urls import path

from agencies.access import access
from agencies.rules import Verb
from agencies.views import people, signin, tokens

urlpatterns = [
    path("sign-in/", access(Verb.READ)(signin.SignIn.as_view()), name="sign-in"),
    path("sign-out/", access(Verb.READ)(signin.SignOut.as_view()), name="sign-out"),
    path("welcome/<uidb64>/<token>/", access(Verb.READ)(signin.Welcome.as_view()), name="welcome"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/invite/", people.invite, name="invite"),
    path("people/<int:pk>/active/", people.set_active, name="set-active"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="revoke-token"),
]
