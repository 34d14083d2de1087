package dev.sluice.server.settings;

import java.util.Locale;
import java.util.regex.Pattern;

/** What of a setting's value may be shown. */
final class Masking {
    /** Longer values say no more about a mistake. */
    private static final int SHOWN_CHARACTERS = 120;

    // Up to the last @, because a password may hold one, or a slash.
    private static final Pattern USER_INFORMATION = Pattern.compile("^([A-Za-z0-9+:.-]*://)?.*@");
    private static final Pattern SECRET_NAME = Pattern.compile(".*(TOKEN|SECRET|KEY|PASS|PWD|CREDENTIAL|AUTH|HASH).*");
    private static final Pattern PASSWORD_PARAMETER =
            Pattern.compile("(?i)([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*");

    private Masking() {}

    static String show(Setting<?> setting, String value) {
        return switch (setting.secrecy()) {
            case OPEN -> cut(value);
            case CREDENTIALS -> cut(maskCredentials(value));
            case SECRET -> hidden(value);
        };
    }

    /** The value of a name nobody knows: hidden as soon as the name smells of a secret. */
    static String showUnknown(String name, String value) {
        return SECRET_NAME.matcher(name.toUpperCase(Locale.ROOT)).matches()
                ? hidden(value)
                : cut(maskCredentials(value));
    }

    /** A URL without its user information and without parameters that smell of a secret. */
    static String maskCredentials(String url) {
        return PASSWORD_PARAMETER
                .matcher(USER_INFORMATION.matcher(url).replaceFirst("$1***@"))
                .replaceAll("$1***");
    }

    private static String hidden(String value) {
        return "[hidden, " + value.length() + " characters]";
    }

    private static String cut(String value) {
        var line = value.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= SHOWN_CHARACTERS ? line : line.substring(0, SHOWN_CHARACTERS) + "...";
    }
}
