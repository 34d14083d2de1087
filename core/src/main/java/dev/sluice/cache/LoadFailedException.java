package dev.sluice.cache;

import dev.sluice.SluiceException;
import org.jspecify.annotations.Nullable;

/** A value could not be loaded, and no old one may stand in for it. Its cause is what the loader threw, if it threw. */
public final class LoadFailedException extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final String cache;
    private final boolean late;

    private LoadFailedException(String cache, boolean late, String message) {
        super(message);
        this.cache = cache;
        this.late = late;
    }

    static LoadFailedException late(CacheSettings settings) {
        return new LoadFailedException(
                settings.name(),
                true,
                "cache " + settings.name() + ": no value was loaded within "
                        + settings.within().toMillis() + " ms");
    }

    static LoadFailedException of(CacheSettings settings, @Nullable Throwable cause) {
        // The cause's message stays with the cause: it may hold what belongs in no log.
        var failed = new LoadFailedException(
                settings.name(), false, "cache " + settings.name() + ": its value could not be loaded");
        failed.initCause(cause);
        return failed;
    }

    public String cache() {
        return cache;
    }

    /** Whether its time was over, rather than that the loader failed. */
    public boolean late() {
        return late;
    }
}
