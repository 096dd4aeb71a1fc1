"""django-hCaptcha's field, in a form that was sent with this token."""
import os
import sys

import django
from django.conf import settings

settings.configure(
    HCAPTCHA_SITEKEY=os.environ["SITEKEY"],
    HCAPTCHA_SECRET=os.environ["SECRET"],
    HCAPTCHA_VERIFY_URL=os.environ["VERIFY"],
)
django.setup()

from django import forms  # noqa: E402
from hcaptcha.fields import hCaptchaField  # noqa: E402


class Comment(forms.Form):
    hcaptcha = hCaptchaField()


print("accepted" if Comment({"h-captcha-response": sys.argv[1]}).is_valid() else "refused")
