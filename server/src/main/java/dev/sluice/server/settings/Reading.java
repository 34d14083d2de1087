package dev.sluice.server.settings;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One pass over the settings: hands out values and collects all that is wrong. Not thread-safe. */
final class Reading {
    private final Map<String, Sourced> values;
    private final List<Problem> problems;
    private final Map<String, Boolean> malformed = new HashMap<>();

    Reading(Map<String, Sourced> values, List<Problem> problems) {
        this.values = values;
        this.problems = problems;
    }

    /**
     * A text and where it came from.
     *
     * @param origin as people would name it: {@code environment}, {@code .env}, ...
     */
    record Sourced(String text, String origin) {}

    /** The value that was set, or the default; the default as well when the value is malformed, which is noted. */
    <T> T get(Setting<T> setting) {
        return find(setting)
                .orElseGet(() -> setting.form().parse(setting.defaultText().orElseThrow()));
    }

    /** The value that was set, if it was and has its form. */
    <T> Optional<T> find(Setting<T> setting) {
        Sourced sourced = values.get(setting.name());
        if (sourced == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(setting.form().parse(sourced.text()));
        } catch (Form.Complaint e) {
            refuse(setting, e.getMessage() + "; accepted: " + setting.form().accepts());
        } catch (IllegalArgumentException | ArithmeticException e) {
            refuse(setting, "accepted: " + setting.form().accepts());
        }
        return Optional.empty();
    }

    boolean isSet(Setting<?> setting) {
        return values.containsKey(setting.name());
    }

    /** Notes that a setting cannot be used; the first complaint about a setting is the one that is shown. */
    void refuse(Setting<?> setting, String message) {
        if (malformed.putIfAbsent(setting.name(), true) != null) {
            return;
        }
        var sourced = Optional.ofNullable(values.get(setting.name()));
        problems.add(new Problem(
                setting.name(),
                sourced.map(value -> Masking.show(setting, value.text())),
                sourced.map(Sourced::origin),
                message,
                Optional.empty()));
    }

    List<Problem> problems() {
        return new ArrayList<>(problems);
    }
}
