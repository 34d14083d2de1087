package dev.sluice.server.settings;

import dev.sluice.server.logging.Redaction;
import java.util.Optional;

/**
 * One thing that is wrong with the settings, fit to be shown: it holds no secret.
 *
 * @param name the setting, or the file
 * @param value its value with secrets masked; empty if the value is not the point
 * @param origin where it was set; empty if several places are involved
 * @param message what is wrong and what is accepted
 * @param suggestion what was probably meant
 */
public record Problem(
        String name, Optional<String> value, Optional<String> origin, String message, Optional<String> suggestion) {

    static Problem of(String name, String message) {
        return new Problem(name, Optional.empty(), Optional.empty(), message, Optional.empty());
    }

    /** One line: {@code SLUICE_PROT=80 (environment): unknown name; did you mean SLUICE_PORT?} */
    @Override
    public String toString() {
        return Redaction.mask(name
                + value.map(text -> "=" + text).orElse("")
                + origin.map(text -> " (" + text + ")").orElse("")
                + ": "
                + message
                + suggestion.map(text -> "; did you mean " + text + "?").orElse(""));
    }
}
