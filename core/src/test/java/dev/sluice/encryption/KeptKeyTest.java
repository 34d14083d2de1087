package dev.sluice.encryption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeptKeyTest {
    private static final String CONTEXT = "bots/token/123456";
    private static final byte[] CONTENT = "secret".getBytes(UTF_8);

    private final SharedRedis redis = RedisFixture.shared();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void processes_without_a_chosen_key_come_to_one() {
        var one = KeyRing.random();
        var other = KeyRing.random();
        kept(one).share();
        kept(other).share();

        assertThat(other.open(CONTEXT, one.seal(CONTEXT, CONTENT))).hasValue(CONTENT);
        assertThat(one.open(CONTEXT, other.seal(CONTEXT, CONTENT))).hasValue(CONTENT);
    }

    @Test
    void what_was_sealed_before_redis_could_be_asked_still_opens() {
        var ring = KeyRing.random();
        byte[] early = ring.seal(CONTEXT, CONTENT);
        kept(ring).share();

        assertThat(ring.open(CONTEXT, early)).hasValue(CONTENT);
        assertThat(ring.isCurrent(early)).isFalse();
    }

    @Test
    void what_others_are_to_open_is_sealed_with_the_kept_key_from_the_first_time_on() {
        byte[] early = kept(KeyRing.random()).sealer().seal(CONTEXT, CONTENT);
        var other = KeyRing.random();
        kept(other).share();

        assertThat(other.open(CONTEXT, early)).hasValue(CONTENT);
    }

    @Test
    void what_others_could_not_open_is_not_sealed_while_redis_cannot_be_asked() {
        ScriptRunner away = (script, keys, args) -> {
            throw new RedisUnavailableException("away", false, null);
        };
        var sealer = new KeptKey(away, KeySpace.DEFAULT, KeyRing.random()).sealer();

        assertThatThrownBy(() -> sealer.seal(CONTEXT, CONTENT)).isInstanceOf(RedisUnavailableException.class);
    }

    @Test
    void a_wiped_redis_gets_its_key_back() {
        var ring = KeyRing.random();
        var kept = kept(ring);
        kept.share();
        byte[] sealed = ring.seal(CONTEXT, CONTENT);
        redis.flush();
        kept.share();
        var late = KeyRing.random();
        kept(late).share();

        assertThat(late.open(CONTEXT, sealed)).hasValue(CONTENT);
    }

    @Test
    void who_chose_a_key_opens_what_the_kept_one_sealed_and_seals_with_the_chosen() {
        var before = KeyRing.random();
        kept(before).share();
        byte[] sealed = before.seal(CONTEXT, CONTENT);
        var after = KeyRing.of(List.of("00".repeat(32)));
        kept(after).share();

        assertThat(after.open(CONTEXT, sealed)).hasValue(CONTENT);
        assertThat(after.isCurrent(sealed)).isFalse();
        assertThat(before.open(CONTEXT, after.seal(CONTEXT, CONTENT))).isEmpty();
    }

    @Test
    void who_chose_a_key_keeps_none_in_redis() {
        kept(KeyRing.of(List.of("00".repeat(32)))).share();

        assertThat(redis.commands().keys("*")).isEmpty();
    }

    private KeptKey kept(KeyRing ring) {
        return new KeptKey(redis.runner(), KeySpace.DEFAULT, ring);
    }
}
