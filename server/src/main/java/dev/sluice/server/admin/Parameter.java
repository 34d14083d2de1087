package dev.sluice.server.admin;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A part of a path, or of a query.
 *
 * @param shape how it is described
 * @param accepts what the text must be, as a phrase that completes "must be ..."
 * @param parser throws {@link IllegalArgumentException} for a text that it does not accept
 * @param fallback what holds when it is not there; empty if it must be
 */
record Parameter<T>(
        In in,
        String name,
        String description,
        Shape shape,
        String accepts,
        Function<String, T> parser,
        Optional<T> fallback) {

    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,19}");

    /** Where it stands. */
    enum In {
        PATH,
        QUERY
    }

    static Parameter<Long> pathNumber(String name, long least, long most, String description) {
        return number(In.PATH, name, least, most, description, Optional.empty());
    }

    static Parameter<Long> queryNumber(String name, long least, long most, long fallback, String description) {
        return number(In.QUERY, name, least, most, description, Optional.of(fallback));
    }

    static <T> Parameter<T> query(
            String name, Shape shape, String accepts, Function<String, T> parser, T fallback, String description) {
        return new Parameter<>(In.QUERY, name, description, shape, accepts, parser, Optional.of(fallback));
    }

    private static Parameter<Long> number(
            In in, String name, long least, long most, String description, Optional<Long> fallback) {
        return new Parameter<>(
                in,
                name,
                description,
                new Shape.Whole(least, most),
                "a whole number from " + least + " to " + most,
                text -> {
                    // As the description says; Java would also take +1, and the digits of all scripts.
                    if (!WHOLE.matcher(text).matches()) {
                        throw new IllegalArgumentException();
                    }
                    long value = Long.parseLong(text);
                    if (value < least || value > most) {
                        throw new IllegalArgumentException();
                    }
                    return value;
                },
                fallback);
    }
}
