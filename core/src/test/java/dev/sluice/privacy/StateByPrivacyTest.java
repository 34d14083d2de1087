package dev.sluice.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.encryption.KeyRing;
import dev.sluice.fsm.ConversationKey;
import dev.sluice.fsm.FsmAnswer;
import dev.sluice.fsm.FsmStorage;
import dev.sluice.fsm.FsmWrite;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.SharedRedis;
import dev.sluice.session.SessionKey;
import dev.sluice.session.SessionWrite;
import dev.sluice.session.Sessions;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.telegram.BotId;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Conversations and sessions of users of whom no text may stand in Redis, beside those of others. */
class StateByPrivacyTest {
    private static final BotId BOT = new BotId(77);
    private static final BotId OTHER_BOT = new BotId(78);
    private static final long ANN = 42;
    private static final long BOB = 43;
    private static final long GROUP = -100;

    private final SharedRedis redis = RedisFixture.shared();
    private final PrivacyLevels levels = PrivacyLevels.inMemory();
    private final KeyRing ring = KeyRing.random();
    private final FsmStorage conversations = conversations(levels);
    private final Sessions sessions =
            Sessions.onRedis(redis.runner(), KeySpace.DEFAULT, Sessions.USUAL_KEEP, ring, levels, StateEvents.NONE);

    private FsmStorage conversations(PrivacyLevels whose) {
        return FsmStorage.onRedis(
                redis.runner(), KeySpace.DEFAULT, FsmStorage.USUAL_KEEP, ring, whose, StateEvents.NONE);
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    private void tell(ConversationKey key) {
        assertThat(conversations.write(key, FsmWrite.NOTHING.toState("asked").put("name", JsonValue.of("said"))))
                .isInstanceOf(FsmAnswer.Changed.class);
    }

    private void tell(SessionKey key) {
        sessions.write(key, SessionWrite.NOTHING.history(JsonValue.of("said")));
    }

    @Test
    void what_is_theirs_is_in_memory_and_as_good_there_and_others_are_in_redis() {
        levels.set(ANN, PrivacyLevel.NONE);
        tell(ConversationKey.of(BOT, ANN, ANN));
        tell(ConversationKey.of(BOT, GROUP, ANN));
        // A conversation that a private chat has as a whole, and one of somebody else that is kept for it.
        tell(ConversationKey.of(BOT, ANN, BOB));
        tell(new SessionKey(BOT, ANN));
        assertThat(redis.commands().keys("*")).isEmpty();
        assertThat(conversations.find(ConversationKey.of(BOT, ANN, ANN)).value("name"))
                .contains(JsonValue.of("said"));
        assertThat(sessions.find(new SessionKey(BOT, ANN)).history()).hasSize(1);

        tell(ConversationKey.of(BOT, GROUP, BOB));
        tell(new SessionKey(BOT, BOB));
        assertThat(redis.commands().keys("*"))
                .containsExactlyInAnyOrder("sluice:fsm:{43}:77:-100:0:default", "sluice:session:{43}:77");
    }

    @Test
    void whoever_becomes_none_is_gone_from_redis_and_whoever_is_forgotten_from_memory_too() {
        for (BotId bot : new BotId[] {BOT, OTHER_BOT}) {
            tell(ConversationKey.of(bot, ANN, ANN));
            tell(ConversationKey.of(bot, GROUP, ANN).withThread(5).withDestiny("other"));
            tell(new SessionKey(bot, ANN));
        }
        tell(ConversationKey.of(BOT, ANN, BOB));
        tell(ConversationKey.of(BOT, GROUP, BOB));
        tell(new SessionKey(BOT, BOB));
        levels.set(ANN, PrivacyLevel.NONE);
        assertThat(conversations.forgetText(ANN)).isEqualTo(5);
        assertThat(sessions.forgetText(ANN)).isEqualTo(2);
        assertThat(redis.commands().keys("*"))
                .hasSize(2)
                .allSatisfy(key -> assertThat(key).contains("{43}"));

        tell(ConversationKey.of(BOT, ANN, ANN));
        tell(new SessionKey(BOT, ANN));
        assertThat(conversations.forgetText(ANN)).isZero();
        assertThat(conversations.find(ConversationKey.of(BOT, ANN, ANN)).isEmpty())
                .isFalse();
        assertThat(conversations.forget(ANN)).isEqualTo(1);
        assertThat(sessions.forget(ANN)).isEqualTo(1);
        assertThat(conversations.find(ConversationKey.of(BOT, ANN, ANN)).isEmpty())
                .isTrue();
        assertThat(sessions.find(new SessionKey(BOT, ANN)).isEmpty()).isTrue();
        assertThat(conversations.find(ConversationKey.of(BOT, GROUP, BOB)).isEmpty())
                .isFalse();
    }

    @Test
    void what_another_process_forgets_goes_from_memory_and_redis_is_left_to_it() {
        levels.set(ANN, PrivacyLevel.NONE);
        levels.set(BOB, PrivacyLevel.NONE);
        for (long user : new long[] {ANN, BOB, 44}) {
            tell(ConversationKey.of(BOT, user, user));
            tell(new SessionKey(BOT, user));
        }
        // In their private chat, and so in memory.
        tell(ConversationKey.of(BOT, ANN, 44));
        conversations.forgetCopiesHere(ANN);
        sessions.forgetCopiesHere(ANN);
        assertThat(there(ANN)).as("no copies").containsExactly(true, true);
        conversations.forgetHere(ANN);
        sessions.forgetHere(ANN);
        conversations.forgetHere(44);
        sessions.forgetHere(44);
        assertThat(there(ANN)).containsExactly(false, false);
        assertThat(conversations.find(ConversationKey.of(BOT, ANN, 44)).isEmpty())
                .isTrue();
        assertThat(there(BOB)).containsExactly(true, true);
        assertThat(there(44)).as("in Redis").containsExactly(true, true);
        conversations.forgetEverybodyHere();
        sessions.forgetEverybodyHere();
        assertThat(there(BOB)).containsExactly(false, false);
        assertThat(there(44)).as("in Redis").containsExactly(true, true);
    }

    /** Whether there is a conversation, and a session. */
    private List<Boolean> there(long user) {
        return List.of(
                !conversations.find(ConversationKey.of(BOT, user, user)).isEmpty(),
                !sessions.find(new SessionKey(BOT, user)).isEmpty());
    }

    @Test
    void while_nobody_can_tell_the_level_a_users_state_is_in_neither_place() {
        PrivacyLevels away = new PrivacyLevels() {
            @Override
            public PrivacyLevel find(long user) {
                throw new RedisUnavailableException("away", false, null);
            }

            @Override
            public boolean set(long user, PrivacyLevel level) {
                throw new RedisUnavailableException("away", false, null);
            }
        };
        assertThat(away.of(ANN)).isEqualTo(PrivacyLevel.NONE);
        FsmStorage storage = conversations(away);
        assertThatThrownBy(() -> storage.write(ConversationKey.of(BOT, ANN, ANN), FsmWrite.NOTHING.toState("asked")))
                .isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(() -> storage.find(ConversationKey.of(BOT, ANN, ANN)))
                .isInstanceOf(RedisUnavailableException.class);
        assertThat(redis.commands().keys("*")).isEmpty();
    }
}
