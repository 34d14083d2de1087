package dev.sluice.fsm;

import dev.sluice.SluiceException;
import java.util.Arrays;

/** A conversation has a state that its machine does not know: another version of the bot may have stored it. */
public final class UnknownStateException extends SluiceException {
    private static final long serialVersionUID = 1L;

    UnknownStateException(String state, Class<? extends Enum<?>> states) {
        super("the conversation has the state " + state + ", which is none of "
                + Arrays.toString(states.getEnumConstants()));
    }
}
