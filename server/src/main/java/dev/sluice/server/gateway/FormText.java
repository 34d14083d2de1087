package dev.sluice.server.gateway;

import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/**
 * Query strings and urlencoded bodies, read as Telegram's server reads them: a plus is a blank, a broken escape stays as it
 * is. (The libraries at hand refuse broken escapes; a bot that sends {@code text=100% sure} would notice the gateway.)
 */
final class FormText {
    private FormText() {}

    /** @param text of which each character is one byte */
    static void read(String text, BiConsumer<String, String> pairs) {
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('&', start);
            end = end < 0 ? text.length() : end;
            if (end > start) {
                int equals = text.indexOf('=', start);
                int nameEnd = equals < 0 || equals > end ? end : equals;
                pairs.accept(
                        decode(text, start, nameEnd, true), nameEnd == end ? "" : decode(text, nameEnd + 1, end, true));
            }
            start = end + 1;
        }
    }

    /** Percent escapes undone; a plus stays. */
    static String decode(String text) {
        return decode(text, 0, text.length(), false);
    }

    /** The same query with one parameter in front and without others of its name. {@code value} needs no escapes. */
    static String withFirst(String query, String name, String value) {
        var out = new StringBuilder(query.length() + name.length() + value.length() + 2);
        out.append(name).append('=').append(value);
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            String pairName = decode(pair, 0, equals < 0 ? pair.length() : equals, true);
            if (!pair.isEmpty() && !pairName.equals(name)) {
                out.append('&').append(pair);
            }
        }
        return out.toString();
    }

    /** Bytes that a request line may not hold, but some clients send, as escapes. */
    static String ascii(String text) {
        int plain = 0;
        while (plain < text.length() && isGraphic(text.charAt(plain))) {
            plain++;
        }
        if (plain == text.length()) {
            return text;
        }
        var out = new StringBuilder(text.length() + 32).append(text, 0, plain);
        for (int i = plain; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isGraphic(c)) {
                out.append(c);
            } else {
                out.append('%').append(hexDigit(c >> 4)).append(hexDigit(c));
            }
        }
        return out.toString();
    }

    private static String decode(String text, int from, int to, boolean plusIsBlank) {
        boolean changes = false;
        for (int i = from; i < to && !changes; i++) {
            char c = text.charAt(i);
            changes = c == '%' || c == '+' || c > 0x7F;
        }
        if (!changes) {
            return text.substring(from, to);
        }
        byte[] bytes = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < to ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(text.charAt(i + 2), 16) : -1;
            if (low >= 0) {
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = (byte) (c == '+' && plusIsBlank ? ' ' : c);
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private static boolean isGraphic(char c) {
        return c > 0x20 && c < 0x7F;
    }

    private static char hexDigit(int value) {
        return Character.toUpperCase(Character.forDigit(value & 0xF, 16));
    }
}
