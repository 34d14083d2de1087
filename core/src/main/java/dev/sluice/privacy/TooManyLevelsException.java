package dev.sluice.privacy;

import dev.sluice.SluiceException;

/** More users chose {@link PrivacyLevel#NONE} than are kept; nothing was changed. */
public final class TooManyLevelsException extends SluiceException {
    private static final long serialVersionUID = 1L;

    TooManyLevelsException(int most) {
        super("privacy level 'none' of more than " + most + " users is not kept");
    }
}
