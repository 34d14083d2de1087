package dev.sluice.encryption;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptRunner;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * The key that all processes share when nobody chose one: made by the first and kept in Redis, beside what it encrypts. It
 * protects nothing from whoever reads Redis; it makes sure that all stored secrets have one form, and that choosing a key
 * later is a rotation like any other: what the kept key sealed still opens. Thread-safe.
 */
public final class KeptKey {
    private static final Script KEEP = Script.of("encryption/keep-key", new Script.Part(KeptKey.class, "keep-key.lua"));

    private final ScriptRunner redis;
    private final String key;
    private final KeyRing ring;

    /** What this process would have all others use; once it knows theirs, theirs: so that a wiped Redis gets it back. */
    private String proposed;

    private volatile String shared = "";

    public KeptKey(ScriptRunner redis, KeySpace keys, KeyRing ring) {
        this.redis = redis;
        this.key = keys.key("encryption", "all", "key");
        this.ring = ring;
        this.proposed = ring.isChosen() ? "" : MasterKey.randomText(new SecureRandom());
    }

    /**
     * Seals what other processes are to open, and therefore not before they can: until then, sealing throws
     * {@link dev.sluice.redis.RedisUnavailableException}.
     */
    public Sealer sealer() {
        return new Sealer() {
            @Override
            public byte[] seal(String context, byte[] content) {
                if (!ring.isChosen() && shared.isEmpty()) {
                    share();
                }
                return ring.seal(context, content);
            }

            @Override
            public Optional<byte[]> open(String context, byte[] sealed) {
                return ring.open(context, sealed);
            }
        };
    }

    /**
     * Puts the kept key on the ring, and into Redis if there is none and one is needed.
     *
     * @throws dev.sluice.redis.RedisUnavailableException if Redis does not answer
     */
    public synchronized void share() {
        String kept = redis.run(KEEP, List.of(key), List.of(proposed.getBytes(US_ASCII)))
                .text(0);
        if (!kept.isEmpty() && !kept.equals(shared)) {
            proposed = kept;
            ring.share(MasterKey.of(kept));
            shared = kept; // last, since whoever seals looks at it
        }
    }
}
