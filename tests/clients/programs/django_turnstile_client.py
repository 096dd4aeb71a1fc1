"""django-turnstile's field, in a form that was sent with this token."""
import os
import sys

import django
from django.conf import settings

settings.configure(
    TURNSTILE_SITEKEY=os.environ["SITEKEY"],
    TURNSTILE_SECRET=os.environ["SECRET"],
    TURNSTILE_VERIFY_URL=os.environ["VERIFY"],
)
django.setup()

from django import forms  # noqa: E402
from turnstile.fields import TurnstileField  # noqa: E402


class Comment(forms.Form):
    turnstile = TurnstileField()


print("accepted" if Comment({"cf-turnstile-response": sys.argv[1]}).is_valid() else "refused")
