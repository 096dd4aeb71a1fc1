<?php
// A comment form that was made for reCAPTCHA: two addresses lead to Inkgate instead.
require 'ReCaptcha/autoload.php';

$inkgate = getenv('INKGATE') ?: 'http://127.0.0.1:8080';
$thanks = false;
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $post = new ReCaptcha\RequestMethod\Post("$inkgate/recaptcha/api/siteverify");
    $recaptcha = new ReCaptcha\ReCaptcha(getenv('SECRET'), $post);
    $thanks = $recaptcha->verify($_POST['g-recaptcha-response'] ?? '')->isSuccess();
    http_response_code($thanks ? 200 : 403);
}
?>
<!doctype html>
<html lang="en">
<title>Leave a comment</title>
<script src="<?= $inkgate ?>/recaptcha/api.js" async defer></script>
<h1><?= $thanks ? 'Thank you for your comment.' : 'Leave a comment' ?></h1>
<form method="post">
  <p><label>Comment <textarea name="comment"></textarea></label></p>
  <div class="g-recaptcha" data-sitekey="<?= htmlspecialchars(getenv('SITEKEY')) ?>"></div>
  <button>Send</button>
</form>
