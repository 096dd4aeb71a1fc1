### 各页面的全部文字：简体中文。

## 页框
skip = 跳到正文
language = 语言
footer = 自己运行的验证码与登录保护
front-link = 首页

## 首页
front-title = 属于你自己的验证码
front-lead = Inkgate 把廉价的自动程序挡在表单之外。它运行在你自己的机器上：只有一个程序，访客的任何信息都不会交给别人。
pictures-title = 刚刚印好
pictures-lead = 每张图都是在你打开本页时画的。刷新一下，没有两张是相同的。
sample = { $style } 样式的示例图片
read-stock = 识别软件 { $share } %
read-adapted = 专门调整后 { $share } %
read-blind = 人 { $share } %
strength-note = 比例指整张图被完全读对的份额：最好的现成识别软件、专门针对该样式调整过的最好软件，以及第一次看到图片的人。
weak = 较弱
weak-note = 较弱：现成的文字识别软件常能读出来，不宜用来防护。
sites-title = 两个可以试用的网站
newpage-card = 带图片的表单。只检查验证码，不会登录任何人。
newpage-open = 试用 newpage
member-card = 电子邮件、密码和图片。真正的登录，登录多久由你选择。
member-open = 试用 member
no-members = 还没有会员。服务器启动时在终端里显示了一个一次性链接，打开它即可创建第一位会员。
use-title = 如何使用
use-sites = 用这台服务器
use-sites-text = 添加可以登录的人。第一行会询问密码；第二行显示一次性链接，对方可以用它自选密码：
use-widget = 用于其他网站的表单
use-widget-text = 第一行添加网站，并显示它的站点密钥和私钥：
use-widget-page = 网页只需一个脚本和一个元素。为 reCAPTCHA、hCaptcha 或 Turnstile 写的网页只需更换地址：
use-widget-verify = 网站后端用表单送来的令牌查询一次：
use-library = 在 Rust 程序里
use-library-text = 引擎是一个独立的 crate，在 crates/engine 里。它不读文件，也不问时间。几行就能得到验证码和图片：
use-pictures = 生成文件
use-pictures-text = 一千张编号的图片，以及它们的答案清单：
honest-title = 图片能做到什么
honest-text = 图片能挡住简单的脚本，但挡不住训练过的模型，也挡不住受雇打字的人。因此每张图只能试一次，会过期，尝试次数也有限。页面里读不到任何能泄露答案的东西。

## 图片
picture-alt = 验证码图片
picture-hint = 看不清？换一张
picture-fresh = 已换新图，请输入图中的验证码。
picture-renewed = 原来的图已过期，已换新图。
picture-busy = 正在换图
picture-failed = 新图没有载入。请检查网络后再试。
picture-too-many = 换图太频繁了。请稍等片刻再试。
code-note = 不区分大小写。

## newpage
newpage-title = 登录
newpage-note = 这是演示：只检查验证码，不会登录任何人。
username = 用户名
username-placeholder = 请输入用户名
code = 验证码
code-placeholder = 请输入下图中的验证码
newpage-submit = 登录
code-wrong = 验证码不正确
code-wrong-advice = 每张图只能试一次。请输入下面新图中的验证码。
code-expired = 验证码已过期
code-expired-advice = 图片只在几分钟内有效。请输入下面新图中的验证码。
newpage-done = 登录成功
newpage-done-note = 验证码正确。这是演示，并没有真正登录任何人。
newpage-again = 再试一次

## member
member-title = 会员登录
member-signed-in-as = 你已以 { $name } 的身份登录。
member-go-home = 前往会员页面
email = 电子邮件
password = 密码
captcha = 验证码
rememberme = 在这台设备上记住我
member-submit = 登录
captcha-wrong = 验证码输入错误
captcha-expired = 验证码已过期
captcha-advice = 请重新输入密码和新图中的验证码。
password-wrong = 登录失败，密码错误
password-advice = 请检查电子邮件和密码。图片也换了新的。
show-password = 显示密码
hide-password = 隐藏密码
signed-in = 登录成功
member-hello = { $name }，你好
member-home-note = 你已登录。这里的内容只有会员能看到。
member-home-shared = 如果别人也用这台设备，离开前请退出登录。
sign-out = 退出登录

## 其他网站中不用 JavaScript 的访客
fallback-title = 不用 JavaScript 的验证
fallback-lead = 用于 { $host } 上的表单。请输入图中的验证码；正确后会得到一段文字，请复制到该表单中。
fallback-submit = 验证
fallback-done = 验证码正确
fallback-done-lead = 请把下面的全部文字复制到 { $host } 上的那张表单里，然后提交。
fallback-proof = 验证凭证
fallback-done-note = 只能用一次，{ $seconds } 秒内有效。
fallback-again = 再取一个

## 一次性链接
link-create = 创建第一位会员
link-create-lead = 此链接只能使用一次。在这里创建的会员可以马上登录。
link-create-submit = 创建会员
link-set = 设置密码
link-set-lead = 此链接只能使用一次。新密码会结束用旧密码的所有登录。
link-set-submit = 保存密码
name = 姓名
name-hint = 我们这样称呼你。
new-password = 新密码
new-password-rule = 15 到 256 个字符。没有其他规则：可以有空格，可以用任何文字；几个互不相关的词就很好。
password-again = 再输入一次新密码
email-problem = 这不是电子邮件地址
name-problem = 不能用这个姓名。请输入 1 到 64 个字符。
password-too-short = 密码太短，至少要有 15 个字符。
password-too-long = 密码太长，最多 256 个字符。
password-common = 这个密码容易被猜到。不要用姓名、电子邮件、重复的字符，或 123456 这样的顺序。
password-mismatch = 两次输入的密码不同。请重新输入两次新密码。
link-done = 密码已保存
link-done-note = 现在可以用它登录了。
link-gone = 此链接已失效
link-gone-note = 它已经用过，或者已经过期。请向本站的管理者要一个新的。

## 产品自己的登录
login-title = 登录
login-submit = 登录
login-failed = 登录失败
login-failed-advice = 请检查邮箱和密码。若确认无误仍无法登录，请申请重设密码的链接。
captcha-asked = 还请输入验证码
account-open = 打开我的账户
forgot-open = 通过邮件重设密码
forgot-title = 重设密码
forgot-lead = 输入邮箱和验证码。如果该邮箱在这里有账户，重设密码的链接就会发出。
forgot-submit = 发送链接
register-open = 注册账户
register-title = 注册账户
register-lead = 注册后即可登录。
register-mail-lead = 我们会向您的邮箱发送链接，打开它即可设置密码。
register-submit = 注册
register-taken = 无法使用这个邮箱。如果它是您的，请直接登录。
registered = 账户已创建
registered-note = 现在就可以登录。
mailed = 请查收邮件
mailed-note = 如果应向该邮箱发送链接，几分钟内就会收到。链接一天内有效，只能使用一次。
account-title = 我的账户
account-lead = 当前登录：{ $email }
account-password = 密码
account-password-submit = 更改密码
account-password-note = 其他浏览器都会退出登录。
account-password-done = 密码已更改，其他浏览器都已退出登录。
current-password = 当前密码
current-wrong = 当前密码不正确
account-sessions = 登录中的设备
session-this = 本浏览器
session-since = 登录时间：{ $time }
session-seen = 最近使用：{ $time }
session-end = 退出登录
session-ended = 该浏览器已退出登录。
browser-edge = Edge
browser-firefox = Firefox
browser-chrome = Chrome
browser-safari = Safari
browser-other = 其他浏览器
sign-out-everywhere = 在所有设备上退出登录
sign-out-everywhere-note = 包括本浏览器。记住您的设备也会忘记您。
signed-out-everywhere = 已在所有设备上退出登录
signed-out-everywhere-note = 需要时请重新登录。
account-data = 我的数据
account-export = 保存这里关于我的数据
account-delete = 删除账户
account-delete-note = 账户会立即删除，无法恢复。
account-delete-submit = 永久删除
account-deleted = 账户已删除
account-deleted-note = 这里不再保存它的任何内容。
mail-link-subject = 重设密码的链接
mail-link-text = 有人（希望是您本人）申请了重设您账户密码的链接。链接一天内有效，只能使用一次：{ $url } 如果不是您本人，无需理会。
mail-register-subject = 完成注册
mail-register-text = 有人（希望是您本人）想用这个邮箱注册账户。请在一天内打开此链接设置密码：{ $url } 如果不是您本人，无需理会。

## 错误
bad-request = 无法读取这个请求
bad-request-advice = 请返回，重新载入表单后再提交。
cross-site = 这个请求来自其他网站
cross-site-advice = 只接受本站页面提交的表单。请在这里打开页面后再提交。
not-found = 这里什么也没有
not-found-advice = 地址可能输错了，或者已经失效。
method-not-allowed = 这里不接受提交
method-not-allowed-advice = 请打开页面，使用上面的表单。
too-large = 内容太多了
too-large-advice = 这里的表单只收几行字。请缩短后再提交。
gone = 已经失效
gone-advice = 图片和链接只在一段时间内有效。请重新载入页面，取得新的。
too-many = 操作太快了
too-many-advice = 请等 { $seconds } 秒后再试。
unavailable = 暂时无法处理
unavailable-advice = 服务器正忙，或者暂时读不到记录。没有丢失任何内容，请过几秒再试。
internal = 这里出了问题
internal-advice = 是我们的错，不是你的，已经记录下来。请再试一次；如果仍然如此，请告诉本站的管理者。
