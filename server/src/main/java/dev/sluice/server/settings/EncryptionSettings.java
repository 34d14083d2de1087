package dev.sluice.server.settings;

import java.util.List;

/**
 * What stored secrets are encrypted with.
 *
 * @param keys the first encrypts, all decrypt; empty means a key that is kept beside what it encrypts
 */
public record EncryptionSettings(List<String> keys) {
    /** What can be typed can be guessed: shorter ones too fast, however slow each guess is made. */
    private static final int SHORTEST_KEY = 16;

    static final Setting<List<String>> SECRET_KEY = Setting.withoutDefault(
                    "SLUICE_SECRET_KEY",
                    Forms.secrets(SHORTEST_KEY),
                    "Encrypts bots' tokens and kept answers in Redis; best made by `openssl rand -hex 32`, the same in all replicas."
                            + " `new,old` encrypts with the first and decrypts with both. Without one, a key is kept in Redis"
                            + " itself.")
            .secret();

    static final List<Setting<?>> ALL = List.of(SECRET_KEY);

    public EncryptionSettings {
        keys = List.copyOf(keys);
    }

    static EncryptionSettings read(Reading reading) {
        return new EncryptionSettings(reading.find(SECRET_KEY).orElse(List.of()));
    }

    @Override
    public String toString() {
        return "EncryptionSettings[" + keys.size() + " keys]";
    }
}
