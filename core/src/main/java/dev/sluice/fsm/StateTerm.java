package dev.sluice.fsm;

import java.util.regex.Pattern;

/** A state as a condition or as an aim: one of a name, none, or whatever it is. */
public sealed interface StateTerm {
    /** 1-64 of {@code A-Z a-z 0-9 _ . : @ -}, as bot frameworks make them: {@code Order:paying}. */
    String FORM = "[A-Za-z0-9_.:@-]{1,64}";

    /** Whatever it is. As an aim: it stays. */
    StateTerm ANY = new Any();

    /** No state. */
    StateTerm NONE = new None();

    record Any() implements StateTerm {}

    record None() implements StateTerm {}

    /** @param name of the form {@link StateTerm#FORM} */
    record Named(String name) implements StateTerm {
        private static final Pattern PATTERN = Pattern.compile(FORM);

        public Named {
            if (!PATTERN.matcher(name).matches()) {
                throw new IllegalArgumentException("a state's name must match " + FORM);
            }
        }
    }

    /** A state of a name. */
    static StateTerm named(String name) {
        return new Named(name);
    }
}
