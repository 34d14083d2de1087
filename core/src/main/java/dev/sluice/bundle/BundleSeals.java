package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Held;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.encryption.Sealer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Optional;

/** Writes messages so that only those read them who have the key. */
record BundleSeals(Sealer sealer) {
    /** What never leaves this process. */
    static final BundleSeals HERE = new BundleSeals(Sealer.NONE);

    /** @throws dev.sluice.redis.RedisUnavailableException if the key is in Redis and not known yet */
    byte[] write(Conversation conversation, TalkMessage message) {
        return sealer.seal(context(conversation), MessageCodec.write(message));
    }

    /** Empty if the key is not known here, or a newer version wrote it. */
    Optional<Bundle> read(Leased leased) {
        String context = context(leased.conversation());
        var messages = new ArrayList<TalkMessage>(leased.messages().size());
        for (Held held : leased.messages()) {
            Optional<TalkMessage> message = sealer.open(context, held.content()).flatMap(MessageCodec::read);
            if (message.isEmpty()) {
                return Optional.empty();
            }
            messages.add(message.get());
        }
        // Replicas may have brought them in another order than Telegram's.
        messages.sort(Comparator.comparingLong(TalkMessage::id));
        Instant began = instant(leased.messages().getFirst().arrival());
        return Optional.of(new Bundle(leased.id(), leased.fence(), leased.failures(), began, messages));
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static String context(Conversation conversation) {
        return "talkbuf/" + conversation.bot() + "/" + conversation.name();
    }
}
