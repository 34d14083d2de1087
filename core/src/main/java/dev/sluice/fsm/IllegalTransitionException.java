package dev.sluice.fsm;

import dev.sluice.SluiceException;

/** Nothing leads on from a state by an event. */
public final class IllegalTransitionException extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final String state;
    private final String event;

    IllegalTransitionException(String state, String event, boolean guarded) {
        super("nothing leads on from " + state + " by " + event + (guarded ? ": its guard said no" : ""));
        this.state = state;
        this.event = event;
    }

    public String state() {
        return state;
    }

    public String event() {
        return event;
    }
}
