package dev.sluice.redis;

import dev.sluice.SluiceException;

/**
 * Redis ran a script and the script failed: a defect or a key of the wrong type, never a matter of load. What it wrote
 * before it failed stays written.
 */
public final class RedisScriptException extends SluiceException {
    private static final long serialVersionUID = 1L;

    /** The cause is only quoted, without what Redis repeats of the arguments: they may be payloads. */
    public RedisScriptException(String script, Throwable cause) {
        super("script " + script + " failed: " + ServerError.redacted(cause.getMessage()));
    }
}
