package dev.sluice.architecture.canary.delivery;

import io.lettuce.core.RedisURI;
import java.util.List;

/** Asks its callers for a type of a library, and hides it in a type argument. */
public final class ThirdPartyCanary {
    public void acceptAll(List<RedisURI> uris) {}
}
