### 各頁面的全部文字：繁體中文。

## 頁框
skip = 跳到內容
language = 語言
footer = 自行架設的驗證碼與登入保護
front-link = 首頁

## 首頁
front-title = 屬於你自己的驗證碼
front-lead = Inkgate 把廉價的自動程式擋在表單之外。它在你自己的機器上執行：只有一個程式，訪客的任何資訊都不會交給別人。
pictures-title = 剛剛印好
pictures-lead = 每張圖都是在你打開本頁時畫的。重新整理一下，沒有兩張是相同的。
sample = { $style } 樣式的範例圖片
read-stock = 辨識軟體 { $share } %
read-adapted = 特別調整後 { $share } %
read-blind = 人 { $share } %
strength-note = 比例指整張圖被完全讀對的份額：最好的現成辨識軟體、特別針對該樣式調整過的最好軟體，以及第一次看到圖片的人。
weak = 較弱
weak-note = 較弱：現成的文字辨識軟體常能讀出來，不宜用來防護。
sites-title = 兩個可以試用的網站
newpage-card = 有圖片的表單。只檢查驗證碼，不會登入任何人。
newpage-open = 試用 newpage
member-card = 電子郵件、密碼和圖片。真正的登入，登入多久由你選擇。
member-open = 試用 member
no-members = 還沒有會員。伺服器啟動時在終端機顯示了一個一次性連結，打開它即可建立第一位會員。
use-title = 如何使用
use-sites = 用這台伺服器
use-sites-text = 加入可以登入的人。第一行會詢問密碼；第二行顯示一次性連結，對方可以用它自選密碼：
use-widget = 用於其他網站的表單
use-widget-text = 第一行新增網站，並顯示它的網站金鑰和私鑰：
use-widget-page = 網頁只需一個指令碼和一個元素。為 reCAPTCHA、hCaptcha 或 Turnstile 寫的網頁只需更換網址：
use-widget-verify = 網站後端用表單送來的權杖查詢一次：
use-library = 在 Rust 程式裡
use-library-text = 引擎是一個獨立的 crate，在 crates/engine 裡。它不讀檔案，也不問時間。幾行就能得到驗證碼和圖片：
use-pictures = 產生檔案
use-pictures-text = 一千張編號的圖片，以及它們的答案清單：
honest-title = 圖片能做到什麼
honest-text = 圖片能擋住簡單的腳本，但擋不住訓練過的模型，也擋不住受雇打字的人。因此每張圖只能試一次，會過期，嘗試次數也有限。頁面裡讀不到任何會洩漏答案的東西。

## 圖片
picture-alt = 驗證碼圖片
picture-hint = 看不清楚？換一張
picture-fresh = 已換新圖，請輸入圖中的驗證碼。
picture-renewed = 原來的圖已過期，已換新圖。
picture-busy = 正在換圖
picture-failed = 新圖沒有載入。請檢查網路後再試。
picture-too-many = 換圖太頻繁了。請稍候片刻再試。
code-note = 不分大小寫。

## newpage
newpage-title = 登入
newpage-note = 這是示範：只檢查驗證碼，不會登入任何人。
username = 使用者名稱
username-placeholder = 請輸入使用者名稱
code = 驗證碼
code-placeholder = 請輸入下圖中的驗證碼
newpage-submit = 登入
code-wrong = 驗證碼不正確
code-wrong-advice = 每張圖只能試一次。請輸入下面新圖中的驗證碼。
code-expired = 驗證碼已過期
code-expired-advice = 圖片只在幾分鐘內有效。請輸入下面新圖中的驗證碼。
newpage-done = 登入成功
newpage-done-note = 驗證碼正確。這是示範，並沒有真的登入任何人。
newpage-again = 再試一次

## member
member-title = 會員登入
member-signed-in-as = 你已登入為 { $name }。
member-go-home = 前往會員頁面
email = 電子郵件
password = 密碼
captcha = 驗證碼
rememberme = 在這台裝置上記住我
member-submit = 登入
captcha-wrong = 驗證碼輸入錯誤
captcha-expired = 驗證碼已過期
captcha-advice = 請重新輸入密碼與新圖中的驗證碼。
password-wrong = 登入失敗，密碼錯誤
password-advice = 請檢查電子郵件與密碼。圖片也換了新的。
show-password = 顯示密碼
hide-password = 隱藏密碼
signed-in = 登入成功
member-hello = { $name }，你好
member-home-note = 你已登入。這裡的內容只有會員看得到。
member-home-shared = 如果別人也用這台裝置，離開前請登出。
sign-out = 登出

## 其他網站中不用 JavaScript 的訪客
fallback-title = 不用 JavaScript 的驗證
fallback-lead = 用於 { $host } 上的表單。請輸入圖中的驗證碼；正確後會得到一段文字，請複製到該表單中。
fallback-submit = 驗證
fallback-done = 驗證碼正確
fallback-done-lead = 請把下面的全部文字複製到 { $host } 上的那張表單裡，然後送出。
fallback-proof = 驗證憑證
fallback-done-note = 只能用一次，{ $seconds } 秒內有效。
fallback-again = 再取一個

## 一次性連結
link-create = 建立第一位會員
link-create-lead = 此連結只能使用一次。在這裡建立的會員可以馬上登入。
link-create-submit = 建立會員
link-set = 設定密碼
link-set-lead = 此連結只能使用一次。新密碼會結束以舊密碼進行的所有登入。
link-set-submit = 儲存密碼
name = 姓名
name-hint = 我們這樣稱呼你。
new-password = 新密碼
new-password-rule = 15 到 256 個字元。沒有其他規則：可以有空格，可以用任何文字；幾個互不相關的詞就很好。
password-again = 再輸入一次新密碼
email-problem = 這不是電子郵件地址
name-problem = 不能用這個姓名。請輸入 1 到 64 個字元。
password-too-short = 密碼太短，至少要有 15 個字元。
password-too-long = 密碼太長，最多 256 個字元。
password-common = 這個密碼容易被猜到。不要用姓名、電子郵件、重複的字元，或 123456 這樣的順序。
password-mismatch = 兩次輸入的密碼不同。請重新輸入兩次新密碼。
link-done = 密碼已儲存
link-done-note = 現在可以用它登入了。
link-gone = 此連結已失效
link-gone-note = 它已經用過，或者已經過期。請向本站的管理者要一個新的。

## 產品自己的登入
login-title = 登入
login-submit = 登入
login-failed = 登入失敗
login-failed-advice = 請檢查電子郵件和密碼。若確認無誤仍無法登入，請申請重設密碼的連結。
captcha-asked = 還請輸入驗證碼
account-open = 開啟我的帳戶
forgot-open = 透過郵件重設密碼
forgot-title = 重設密碼
forgot-lead = 輸入電子郵件和驗證碼。如果該地址在這裡有帳戶，重設密碼的連結就會寄出。
forgot-submit = 寄送連結
register-open = 註冊帳戶
register-title = 註冊帳戶
register-lead = 註冊後即可登入。
register-mail-lead = 我們會寄一個連結到您的信箱，開啟它即可設定密碼。
register-submit = 註冊
register-taken = 無法使用這個電子郵件。如果它是您的，請直接登入。
registered = 帳戶已建立
registered-note = 現在就可以登入。
mailed = 請查看郵件
mailed-note = 如果應寄送連結到該地址，幾分鐘內就會收到。連結一天內有效，只能使用一次。
account-title = 我的帳戶
account-lead = 目前登入：{ $email }
account-password = 密碼
account-password-submit = 變更密碼
account-password-note = 其他瀏覽器都會登出。
account-password-done = 密碼已變更，其他瀏覽器都已登出。
current-password = 目前密碼
current-wrong = 目前密碼不正確
account-sessions = 登入中的裝置
session-this = 本瀏覽器
session-since = 登入時間：{ $time }
session-seen = 最近使用：{ $time }
session-end = 登出
session-ended = 該瀏覽器已登出。
browser-edge = Edge
browser-firefox = Firefox
browser-chrome = Chrome
browser-safari = Safari
browser-other = 其他瀏覽器
sign-out-everywhere = 在所有裝置上登出
sign-out-everywhere-note = 包括本瀏覽器。記住您的裝置也會忘記您。
signed-out-everywhere = 已在所有裝置上登出
signed-out-everywhere-note = 需要時請重新登入。
account-data = 我的資料
account-export = 儲存這裡關於我的資料
account-delete = 刪除帳戶
account-delete-note = 帳戶會立即刪除，無法復原。
account-delete-submit = 永久刪除
account-deleted = 帳戶已刪除
account-deleted-note = 這裡不再保存它的任何內容。
mail-link-subject = 重設密碼的連結
mail-link-text = 有人（希望是您本人）申請了重設您帳戶密碼的連結。連結一天內有效，只能使用一次：{ $url } 如果不是您本人，無需理會。
mail-register-subject = 完成註冊
mail-register-text = 有人（希望是您本人）想用這個電子郵件註冊帳戶。請在一天內開啟此連結設定密碼：{ $url } 如果不是您本人，無需理會。

## 錯誤
bad-request = 無法讀取這個請求
bad-request-advice = 請返回，重新載入表單後再送出。
cross-site = 這個請求來自其他網站
cross-site-advice = 只接受本站頁面送出的表單。請在這裡打開頁面後再送出。
not-found = 這裡什麼也沒有
not-found-advice = 網址可能打錯了，或者已經失效。
method-not-allowed = 這裡不接受送出的資料
method-not-allowed-advice = 請打開頁面，使用上面的表單。
too-large = 內容太多了
too-large-advice = 這裡的表單只收幾行字。請縮短後再送出。
gone = 已經失效
gone-advice = 圖片和連結只在一段時間內有效。請重新載入頁面，取得新的。
too-many = 操作太快了
too-many-advice = 請等 { $seconds } 秒後再試。
unavailable = 暫時無法處理
unavailable-advice = 伺服器正忙，或者暫時讀不到紀錄。沒有遺失任何內容，請過幾秒再試。
internal = 這裡出了問題
internal-advice = 是我們的錯，不是你的，已經記錄下來。請再試一次；如果仍然如此，請告訴本站的管理者。
