package dev.sluice.history;

import dev.sluice.SluiceException;
import org.jspecify.annotations.Nullable;

/** The {@link HistoryStore} failed, or did not answer in time; what it was told it may have done. Its cause is what it threw, if it threw. */
public final class HistoryStoreException extends SluiceException {
    private static final long serialVersionUID = 1L;

    HistoryStoreException(String message, @Nullable Throwable cause) {
        super(message);
        if (cause != null) {
            initCause(cause);
        }
    }
}
