### Every text of the pages, in English.

## The frame
skip = Skip to the content
language = Language
footer = A self-hosted captcha and a captcha-guarded login
front-link = Front page

## Front page
front-title = A captcha of your own
front-lead = Inkgate keeps cheap automation out of your forms. It runs on your own machine: one program, and nothing about your visitors goes to anybody else.
pictures-title = Fresh from the press
pictures-lead = Each picture was drawn for this page when you opened it. Reload, and no picture is the same.
sample = A sample picture in the style { $style }
read-stock = solvers { $share } %
read-adapted = adapted { $share } %
read-blind = people { $share } %
strength-note = The shares are of whole pictures that were read: by the best solver as it is shipped, by the best that was adapted to the style, and by a person at first sight.
weak = weak
weak-note = Weak: text recognition off the shelf reads it too often for it to guard anything.
sites-title = Two sites to try
newpage-card = A form with a picture. It checks the code and signs nobody in.
newpage-open = Try newpage
member-card = E-mail, password and a picture. A real login, with sessions that last as long as you choose.
member-open = Try member
no-members = There is no member yet. When the server started, it printed a one-time link in its terminal: open that to create the first.
use-title = How to use it
use-sites = With this server
use-sites-text = Add the people who may sign in. The first line asks for a password; the second prints a one-time link to choose another:
use-widget = In the forms of another web site
use-widget-text = The first line adds the site and prints its site key and its secret:
use-widget-page = Its page loads one script and has one element. Pages made for reCAPTCHA, hCaptcha or Turnstile only change addresses:
use-widget-verify = Its back end asks once whether the token that the form sent is right:
use-library = In a Rust program
use-library-text = The engine is a crate of its own, in crates/engine. It reads no files and asks no clock. A code and its picture take a few lines:
use-pictures = As files
use-pictures-text = A thousand numbered pictures, and a list of what they show:
honest-title = What a picture can do
honest-text = A picture stops simple scripts. It does not stop a trained model, or people who are paid to type. So every picture can be tried only once, it expires, and tries are limited. Nothing you can read out of the page tells the answer.

## The picture
picture-alt = Picture with the code to type
picture-hint = Hard to read? Take a new one.
picture-fresh = Here is a new picture. Type the code it shows.
picture-renewed = The picture had expired. Here is a new one.
picture-busy = Loading a new picture
picture-failed = The new picture did not load. Check your connection and try again.
picture-too-many = Too many pictures in a short time. Wait a moment and try again.
code-note = Upper or lower case, both are fine.

## newpage
newpage-title = Sign in
newpage-note = A demonstration: only the code is checked, and nobody is signed in.
username = User name
username-placeholder = Enter a user name
code = Code
code-placeholder = Enter the code in the picture below
newpage-submit = Sign in
code-wrong = That was not the code
code-wrong-advice = Each picture can be tried once. Type the code in the new one below.
code-expired = That picture was too old
code-expired-advice = Pictures last a few minutes. Type the code in the new one below.
newpage-done = Signed in
newpage-done-note = The code was right. This is a demonstration, so nobody was really signed in.
newpage-again = Do it again

## member
member-title = Member sign-in
member-signed-in-as = You are signed in as { $name }.
member-go-home = Go to the member page
email = E-mail
password = Password
captcha = Code
rememberme = Remember me on this device
member-submit = Sign in
captcha-wrong = The code is wrong
captcha-expired = That picture was too old
captcha-advice = Type your password and the code in the new picture.
password-wrong = Sign-in failed: wrong password
password-advice = Check e-mail and password. There is a new picture as well.
show-password = Show password
hide-password = Hide password
signed-in = Signed in
member-hello = Hello, { $name }
member-home-note = You are signed in. What is shown here only members can see.
member-home-shared = On a device that others use, sign out when you are done.
sign-out = Sign out

## For visitors of other sites without JavaScript
fallback-title = Verification without JavaScript
fallback-lead = For a form on { $host }. Type the code in the picture; a right one gives you a line to copy into that form.
fallback-submit = Check
fallback-done = The code was right
fallback-done-lead = Copy all of this into the form on { $host } that you came from, and send it.
fallback-proof = Your proof
fallback-done-note = { $seconds ->
    [one] It works once, within one second.
   *[other] It works once, within { $seconds } seconds.
}
fallback-again = Get another one

## One-time links
link-create = Create the first member
link-create-lead = This link works once. Whoever you create here can sign in at once.
link-create-submit = Create member
link-set = Choose a password
link-set-lead = This link works once. A new password ends every sign-in with the old one.
link-set-submit = Save password
name = Name
name-hint = How you are greeted.
new-password = New password
new-password-rule = 15 to 256 characters. No other rules: spaces and any script are welcome, and a few unrelated words make a good one.
password-again = The same password again
email-problem = This is not an e-mail address
name-problem = This name cannot be used. Type 1 to 64 characters.
password-too-short = This password is too short. It needs at least 15 characters.
password-too-long = This password is too long. It may have at most 256 characters.
password-common = This password is easy to guess. Do not use your name, your e-mail, one repeated character or a run such as 123456.
password-mismatch = The two passwords differ. Type the new password twice.
link-done = Password saved
link-done-note = You can sign in with it now.
link-gone = This link is over
link-gone-note = It was used before, or it is too old. Ask whoever runs this site for a new one.

## The product's own sign-in
login-title = Sign in
login-submit = Sign in
login-failed = That did not sign you in
login-failed-advice = Check e-mail and password. If they are right and it stays so, ask for a link to set a new password.
captcha-asked = Please type the code, too
account-open = Open your account
forgot-open = Set a new password by mail
forgot-title = A new password
forgot-lead = Type your e-mail address and the code. If it has an account here, a link to set a password is on its way.
forgot-submit = Send the link
register-open = Make an account
register-title = Make an account
register-lead = You can sign in as soon as the account is made.
register-mail-lead = We send a link to your address. Follow it to choose a password.
register-submit = Make the account
register-taken = This address cannot be used. If it is yours, sign in instead.
registered = Your account is made
registered-note = Sign in with it now.
mailed = Look into your mail
mailed-note = If a link is due to this address, it arrives within minutes. It works once, within a day.
account-title = Your account
account-lead = Signed in as { $email }.
account-password = Password
account-password-submit = Change the password
account-password-note = Every other browser is signed out.
account-password-done = The password is changed, and every other browser signed out.
current-password = Current password
current-wrong = That is not the current password
account-sessions = Where you are signed in
session-this = this browser
session-since = Since { $time }
session-seen = Last used { $time }
session-end = Sign out
session-ended = That browser is signed out.
browser-edge = Edge
browser-firefox = Firefox
browser-chrome = Chrome
browser-safari = Safari
browser-other = Another browser
sign-out-everywhere = Sign out everywhere
sign-out-everywhere-note = This browser, too. Devices that know you forget it.
signed-out-everywhere = You are signed out everywhere
signed-out-everywhere-note = Sign in again where you need it.
account-data = Your data
account-export = Save what is kept about you
account-delete = Delete the account
account-delete-note = It is gone at once and cannot be brought back.
account-delete-submit = Delete it for good
account-deleted = Your account is deleted
account-deleted-note = Nothing of it is kept here.
mail-link-subject = A link to set your password
mail-link-text = Somebody, you we hope, asked for a link to set the password of your account. It works once, within a day: { $url } If it was not you, nothing needs to be done.
mail-register-subject = Finish your account
mail-register-text = Somebody, you we hope, wants an account with this address. Follow this link within a day to choose a password: { $url } If it was not you, nothing needs to be done.

## Errors
bad-request = That could not be read
bad-request-advice = Go back, load the form again and send it once more.
cross-site = That came from another site
cross-site-advice = Forms are only taken from this site's own pages. Open the page here and send it from there.
not-found = Nothing is here
not-found-advice = The address may be mistyped or out of date.
method-not-allowed = Nothing can be sent here
method-not-allowed-advice = Open the page and use the form on it.
too-large = That was too much
too-large-advice = Forms here take a few lines. Shorten what you typed and send it again.
gone = This is over
gone-advice = Pictures and links last a while and then end. Load the page again for a new one.
too-many = A little too fast
too-many-advice = { $seconds ->
    [one] Wait one second, then try again.
   *[other] Wait { $seconds } seconds, then try again.
}
unavailable = Not possible at the moment
unavailable-advice = The server is busy or cannot reach its records. Nothing was lost. Try again in a few seconds.
internal = Something went wrong here
internal-advice = It is our fault, not yours, and it has been written down. Try again; if it stays so, tell whoever runs this site.
