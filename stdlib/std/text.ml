## Text and its tokens, for scripts. `tokenizer(path)` reads a llama2.c tokenizer or a `tokenizer.json` (byte pairs, with characters or bytes as
## symbols, or a Unigram model, as SentencePiece makes them); `encode(words, text)` gives the tokens of a text, with those that belong around it;
## `decode(words, previous, token)` what one token adds to a text that ends with `previous`.

## The text of tokens. Those that `encode` puts before every text show nothing.
fn decoded(words: str, tokens: i32[N]) -> str {
    let around = encode(words, "")
    let A = len(around)
    var text = ""
    for block in 0..(N + 255) // 256 {                  # joined in two levels: a text is copied when another is joined to it
        var part = ""
        for n in 256 * block..min(256 * block + 256, N) {
            let hidden = n < A and tokens[n] == (around[n] ?? -1)
            part = part + (if hidden { "" } else { decode(words, if n == 0 { -1 } else { tokens[max(n - 1, 0)] }, tokens[n]) })
        }
        text = text + part
    }
    text
}

## Whether a text comes back from its tokens: that of a tokenizer with a token for every byte does.
fn comes_back(words: str, text: str) -> bool = decoded(words, encode(words, text)) == text

## The text of bytes that are tokens themselves, as for models of bytes.
fn of_bytes(tokens: i64[N]) -> str {
    let byte[n] = u8(clip(tokens[n], 0, 255))
    text_of(byte)
}
