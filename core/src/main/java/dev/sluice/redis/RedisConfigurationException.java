package dev.sluice.redis;

import dev.sluice.SluiceException;

/** Redis is there but cannot be used as configured: wrong password, untrusted certificate, too old. Waiting does not help. */
public final class RedisConfigurationException extends SluiceException {
    private static final long serialVersionUID = 1L;

    public RedisConfigurationException(String message) {
        super(message);
    }
}
