package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The library of claims inside a step of somebody else. */
class ClaimScriptTest {
    private static final Script CLAIM_BOTH =
            Script.of("test/claim-both", ClaimScript.LIBRARY, new Script.Part(ClaimScriptTest.class, "claim-both.lua"));

    private final ScriptRunner runner = RedisFixture.shared().runner();
    private final IdempotencyGuard guard = new RedisIdempotencyGuard(runner, KeySpace.DEFAULT);
    private final ClaimRequest first = request();
    private final ClaimRequest second = request();

    private static ClaimRequest request() {
        return new ClaimRequest(
                GuardFixture.newKey(), GuardFixture.CONTENT, GuardFixture.LEASE, GuardFixture.TAKE_OVER);
    }

    private ScriptReply claimBoth() {
        var arguments = List.of(ClaimScript.argument(first), ClaimScript.argument(second));
        var keys = List.of(first.key().key(KeySpace.DEFAULT), second.key().key(KeySpace.DEFAULT));
        return runner.run(CLAIM_BOTH, keys, arguments);
    }

    @Test
    void what_a_composed_step_opened_the_guard_can_settle() {
        ScriptReply reply = claimBoth();

        Claim claim = ClaimScript.claim(reply, ClaimScript.CLAIM_VALUES, second.key());

        assertThat(claim).isInstanceOf(Claim.New.class);
        assertThat(guard.settle(((Claim.New) claim).fence(), new Settlement.Release()))
                .isTrue();
        assertThat(guard.claim(first)).isInstanceOf(Claim.Processing.class);
        assertThat(guard.claim(second)).isInstanceOf(Claim.New.class);
    }

    @Test
    void a_composed_step_that_evaluates_but_does_not_open_leaves_no_trace() {
        guard.claim(first);

        ScriptReply reply = claimBoth();

        assertThat(ClaimScript.claim(reply, 0, first.key())).isInstanceOf(Claim.Processing.class);
        assertThat(reply.text(2)).isEqualTo("held");
        assertThat(guard.claim(second)).isInstanceOf(Claim.New.class);
    }

    @Test
    void a_word_that_is_no_claim_fails_with_the_scripts_name() {
        var reply = new ScriptReply("test/odd", List.of("odd".getBytes(StandardCharsets.UTF_8), new byte[0]));

        assertThatThrownBy(() -> ClaimScript.claim(reply, 0, first.key()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("test/odd");
    }
}
