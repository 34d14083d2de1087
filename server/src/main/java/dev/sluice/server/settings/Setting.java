package dev.sluice.server.settings;

import java.util.Optional;

/**
 * One thing that can be set.
 *
 * @param name the environment variable's name
 * @param form how its text is read
 * @param defaultText what holds when nothing is set, in the same form; empty if there is no value then
 * @param meaning what it decides, one sentence for the table in the documentation
 * @param secrecy how much of its value may be shown
 * @param use whether this version acts on it
 */
record Setting<T>(String name, Form<T> form, Optional<String> defaultText, String meaning, Secrecy secrecy, Use use) {

    /** How much of a value an error or a log may show. */
    enum Secrecy {
        OPEN,
        /** A URL whose user information is a secret. */
        CREDENTIALS,
        SECRET
    }

    /** Whether this version acts on a setting. */
    enum Use {
        EFFECTIVE,
        /** Of a part that comes with a later version: checked for its form, and said to be unused at start. */
        LATER
    }

    static <T> Setting<T> of(String name, Form<T> form, String defaultText, String meaning) {
        return new Setting<>(name, form, Optional.of(defaultText), meaning, Secrecy.OPEN, Use.EFFECTIVE);
    }

    static <T> Setting<T> withoutDefault(String name, Form<T> form, String meaning) {
        return new Setting<>(name, form, Optional.empty(), meaning, Secrecy.OPEN, Use.EFFECTIVE);
    }

    Setting<T> secret() {
        return new Setting<>(name, form, defaultText, meaning, Secrecy.SECRET, use);
    }

    Setting<T> holdingCredentials() {
        return new Setting<>(name, form, defaultText, meaning, Secrecy.CREDENTIALS, use);
    }

    Setting<T> later() {
        return new Setting<>(name, form, defaultText, meaning, secrecy, Use.LATER);
    }
}
