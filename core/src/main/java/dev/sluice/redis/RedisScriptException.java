package dev.sluice.redis;

import dev.sluice.SluiceException;

/** Redis ran a script and the script failed: a defect or a key of the wrong type, never a matter of load. */
public final class RedisScriptException extends SluiceException {
    private static final long serialVersionUID = 1L;

    public RedisScriptException(String script, Throwable cause) {
        super("script " + script + " failed: " + cause.getMessage(), cause);
    }
}
