package dev.sluice.fsm;

import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.KeyRing;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import java.time.Duration;
import java.util.List;

/** A process that counts in a conversation on the Redis of its argument, once in its state and once in its data, and says each count. */
final class CountingProcess {
    static final ConversationKey KEY = FsmStorageContract.ANN;
    static final KeyRing RING = KeyRing.of(List.of("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));

    private CountingProcess() {}

    static long count(Conversation seen) {
        return seen.value("count").map(value -> value.asWhole().orElseThrow()).orElse(0L);
    }

    public static void main(String[] args) {
        RedisStore store = RedisStore.connect(RedisFixture.patient(args[0]), RedisEvents.NONE);
        FsmStorage storage = FsmStorage.onRedis(store, KeySpace.DEFAULT, FsmStorage.USUAL_KEEP, RING, StateEvents.NONE);
        // On a busy machine it may not be there at once.
        await().atMost(Duration.ofSeconds(30)).until(store::isConnected);
        while (true) {
            var last = new long[1];
            storage.update(KEY, seen -> {
                last[0] = count(seen) + 1;
                return FsmWrite.NOTHING.toState("s" + last[0]).put("count", JsonValue.of(last[0]));
            });
            System.out.println(last[0]);
        }
    }
}
