package dev.sluice.state;

import java.nio.charset.StandardCharsets;

/** Whether a text is JSON, and strings in and out of it: all that is needed of it here, where there is no library for it. */
final class JsonSyntax {
    private static final String ESCAPED = "\"\\/bfnrt";
    private static final String MEANT = "\"\\/\b\f\n\r\t";

    private final String text;
    private int at;

    private JsonSyntax(String text) {
        this.text = text;
    }

    /**
     * The text of one value, without the space around it.
     *
     * @throws IllegalArgumentException if it is no JSON
     */
    static String checked(String text) {
        var reader = new JsonSyntax(text);
        reader.space();
        int begin = reader.at;
        reader.value(0);
        int end = reader.at;
        reader.space();
        if (reader.at < text.length()) {
            throw reader.wrong();
        }
        return text.substring(begin, end);
    }

    static String quoted(String text) {
        var quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int known = c == '/' ? -1 : MEANT.indexOf(c);
            if (known >= 0) {
                quoted.append('\\').append(ESCAPED.charAt(known));
            } else if (c < ' ') {
                quoted.append(escape(c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    /** @param json a well-formed string */
    static String unquoted(String json) {
        var text = new StringBuilder(json.length());
        int i = 1;
        while (i < json.length() - 1) {
            char c = json.charAt(i);
            char kind = json.charAt(i + 1);
            if (c != '\\') {
                text.append(c);
                i++;
            } else if (kind == 'u') {
                text.append((char) Integer.parseInt(json, i + 2, i + 6, 16));
                i += 6;
            } else {
                text.append(MEANT.charAt(ESCAPED.indexOf(kind)));
                i += 2;
            }
        }
        return text.toString();
    }

    /** UTF-8 has no half characters. They can only stand in strings, where an escape means the same. */
    static String withoutHalfCharacters(String json) {
        if (StandardCharsets.UTF_8.newEncoder().canEncode(json)) {
            return json;
        }
        var whole = new StringBuilder(json.length() + 5);
        json.codePoints().forEach(c -> {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                whole.append(escape((char) c));
            } else {
                whole.appendCodePoint(c);
            }
        });
        return whole.toString();
    }

    private static String escape(char c) {
        return String.format("\\u%04x", (int) c);
    }

    private void value(int depth) {
        switch (peek()) {
            case '{' -> members(depth, '}', true);
            case '[' -> members(depth, ']', false);
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void members(int depth, char end, boolean named) {
        if (depth >= JsonValue.DEEPEST) {
            throw new IllegalArgumentException("a JSON value must be nested at most " + JsonValue.DEEPEST + " deep");
        }
        at++;
        space();
        if (peek() == end) {
            at++;
            return;
        }
        while (true) {
            space();
            if (named) {
                if (peek() != '"') {
                    throw wrong();
                }
                string();
                space();
                word(":");
                space();
            }
            value(depth + 1);
            space();
            if (peek() == end) {
                at++;
                return;
            }
            word(",");
        }
    }

    private void string() {
        at++;
        for (char c = peek(); c != '"'; c = peek()) {
            if (c < ' ') {
                throw wrong();
            }
            at++;
            if (c == '\\') {
                char kind = peek();
                at++;
                if (kind == 'u') {
                    for (int i = 0; i < 4; i++) {
                        // Character.digit would take digits of other scripts, too.
                        if ("0123456789abcdefABCDEF".indexOf(peek()) < 0) {
                            throw wrong();
                        }
                        at++;
                    }
                } else if (ESCAPED.indexOf(kind) < 0) {
                    at--;
                    throw wrong();
                }
            }
        }
        at++;
    }

    private void number() {
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
    }

    private void digits() {
        int begin = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == begin) {
            throw wrong();
        }
    }

    private void word(String word) {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
    }

    private void space() {
        while (" \t\n\r".indexOf(peek()) >= 0) {
            at++;
        }
    }

    /** The next character; one that stands nowhere in JSON at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("a value must be JSON, which it is not from character " + (at + 1) + " on");
    }
}
