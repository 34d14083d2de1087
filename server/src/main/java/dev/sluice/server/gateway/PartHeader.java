package dev.sluice.server.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The head of one part of a multipart body.
 *
 * @param isFile whether it names a file, be it by an empty name
 * @param isUrlencoded whether the part holds further parameters instead of one value
 */
record PartHeader(String name, boolean isFile, boolean isUrlencoded) {
    private static final String FORM_DATA = "form-data";

    /**
     * Reads it as Telegram's server does: parameters end at a semicolon, quotes around a value are taken off, nothing is
     * unescaped.
     *
     * @param lines without the blank line at their end
     * @throws Refusal if there is no name
     */
    static PartHeader of(byte[] lines) {
        String name = "";
        boolean isFile = false;
        boolean isUrlencoded = false;
        for (String line : new String(lines, StandardCharsets.UTF_8).split("\r\n", -1)) {
            int colon = line.indexOf(':');
            String field = colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            if (field.equals("content-type")) {
                isUrlencoded = value.startsWith("application/x-www-form-urlencoded");
            } else if (field.equals("content-disposition") && value.startsWith(FORM_DATA)) {
                for (String parameter : value.substring(FORM_DATA.length()).split(";", -1)) {
                    int equals = parameter.indexOf('=');
                    String key =
                            equals < 0 ? "" : parameter.substring(0, equals).strip();
                    isFile |= key.equals("filename");
                    name = key.equals("name")
                            ? unquoted(parameter.substring(equals + 1).strip())
                            : name;
                }
            }
        }
        if (name.isEmpty()) {
            throw Refusal.badRequest("can't parse multipart/form-data: a part has no name");
        }
        return new PartHeader(name, isFile, isUrlencoded);
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
