package dev.sluice.encryption;

import java.util.Optional;

/** Encrypts and decrypts what is stored. Thread-safe. */
public interface Sealer {
    /** How many bytes longer than its content something sealed is, at most. */
    int OVERHEAD = 33;

    /** Leaves everything as it is: for what never leaves this process. */
    Sealer NONE = new Sealer() {
        @Override
        public byte[] seal(String context, byte[] content) {
            return content;
        }

        @Override
        public Optional<byte[]> open(String context, byte[] sealed) {
            return Optional.of(sealed);
        }
    };

    /**
     * The content encrypted; twice the same content gives different bytes.
     *
     * @param context what it belongs to; it opens under the same context only
     */
    byte[] seal(String context, byte[] content);

    /** The content, or empty if no key that is known here sealed these bytes for this context, or somebody changed them. */
    Optional<byte[]> open(String context, byte[] sealed);
}
