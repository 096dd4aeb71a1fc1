use inkgate::{Error, Pen, Seed, Styles, View, encode::png};

/// A code, and its picture as a PNG file.
fn captcha() -> Result<(String, Vec<u8>), Error> {
    let styles = Styles::standard();
    let style = styles.get("ink").expect("a standard style");
    let answer = style.choose()?;
    let mut pen = Pen::new();
    let raster = pen.draw(&answer, style, &Seed::random()?, View::default())?;
    Ok((answer.reveal().to_owned(), png::to_vec(raster)))
}
