package dev.sluice.server.settings;

import java.util.function.Function;

/**
 * How a setting's text is read.
 *
 * @param accepts what is accepted, as a phrase that completes "accepted: ..."
 * @param parser text to value; throws {@link IllegalArgumentException} for anything else. Its message is shown only when it
 *     is a {@link Complaint}
 */
record Form<T>(String accepts, Function<String, T> parser) {

    T parse(String text) {
        return parser.apply(text);
    }

    /** The same values, narrower or turned into something else. */
    <R> Form<R> map(Function<T, R> mapping) {
        return new Form<>(accepts, text -> mapping.apply(parser.apply(text)));
    }

    /** The same values under another description. */
    Form<T> describedAs(String newAccepts) {
        return new Form<>(newAccepts, parser);
    }

    /** A refusal that can say more than what is accepted; never holds the value itself. */
    static final class Complaint extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        Complaint(String message) {
            super(message);
        }
    }
}
