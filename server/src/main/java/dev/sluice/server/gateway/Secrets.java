package dev.sluice.server.gateway;

import java.util.regex.Pattern;

/** Keeps tokens out of texts that others will read. */
final class Secrets {
    private static final Pattern TOKEN = Pattern.compile("([0-9]{1,16})(:|%3[Aa])[A-Za-z0-9_-]{8,}");

    private Secrets() {}

    static String redacted(String text) {
        return TOKEN.matcher(text).replaceAll("$1:[redacted]");
    }
}
