package dev.sluice.server.bots;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeptKey;
import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.Limit;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The registry over a real Redis, before a Telegram that knows the tokens it was told. */
class BotsTest {
    private static final BotId BOT = new BotId(1000);
    private static final BotToken OLD = token("1000:AAold-old-old-old-old");
    private static final BotToken NEW = token("1000:AAnew-new-new-new-new");
    private static final String KEY = "00".repeat(32);
    private static final String NEXT_KEY = "11".repeat(32);
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final SharedRedis redis = RedisFixture.shared();
    private final Map<BotToken, TokenCheck.Verdict> telegram = new HashMap<>(Map.of(OLD, valid(), NEW, valid()));
    private BotRules settings = BotRules.NONE;

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void a_confirmed_bot_is_registered_and_its_token_can_be_used_by_all() {
        var here = bots(KEY);
        var there = bots(KEY);
        there.refresh();
        assertThat(there.standing(BOT)).isEqualTo(Standing.NOT_REGISTERED);

        assertThat(here.add(OLD, OwnRules.NONE))
                .isEqualTo(new Change.Done(new Bot(BOT, "shop_bot", BotRules.NONE, NOW, NOW, true)));

        there.refresh();
        assertThat(there.standing(BOT)).isEqualTo(Standing.REGISTERED);
        assertThat(there.token(BOT)).contains(OLD);
    }

    @Test
    void what_is_kept_shows_no_token() {
        bots(KEY).add(OLD, OwnRules.NONE);

        for (String key : redis.commands().keys("*")) {
            redis.commands()
                    .hgetall(key)
                    .forEach((field, value) ->
                            assertThat(field + new String(value, UTF_8)).doesNotContain("AAold", OLD.reveal()));
        }
    }

    @Test
    void a_token_that_telegram_does_not_confirm_is_not_kept() {
        var bots = bots(KEY);
        telegram.put(OLD, new TokenCheck.Verdict.Invalid());
        assertThat(bots.add(OLD, OwnRules.NONE)).isEqualTo(new Change.InvalidToken());
        telegram.put(OLD, new TokenCheck.Verdict.NotKnown("it is away", Duration.ofSeconds(3)));
        assertThat(bots.add(OLD, OwnRules.NONE)).isEqualTo(new Change.Unconfirmed("it is away", Duration.ofSeconds(3)));

        assertThat(bots.list(0, 10)).isEmpty();
    }

    @Test
    void a_bot_is_registered_once() {
        var bots = bots(KEY);
        bots.add(OLD, OwnRules.NONE);

        assertThat(bots.add(NEW, OwnRules.NONE)).isEqualTo(new Change.Exists());
        assertThat(bots.token(BOT)).contains(OLD);
    }

    @Test
    void a_rotation_takes_a_new_token_of_the_same_bot_only() {
        var bots = bots(KEY);
        assertThat(bots.rotate(BOT, NEW)).isEqualTo(new Change.Missing());
        bots.add(OLD, OwnRules.NONE);
        assertThat(bots.rotate(BOT, token("2000:AAother-other-other"))).isEqualTo(new Change.OtherBotsToken());
        telegram.put(NEW, new TokenCheck.Verdict.Invalid());
        assertThat(bots.rotate(BOT, NEW)).isEqualTo(new Change.InvalidToken());
        assertThat(bots.token(BOT)).contains(OLD);

        telegram.put(NEW, valid());
        assertThat(bots.rotate(BOT, NEW)).isInstanceOf(Change.Done.class);
        assertThat(bots.token(BOT)).contains(NEW);
    }

    @Test
    void a_new_token_that_its_own_call_has_shown_takes_the_old_ones_place() {
        var bots = bots(KEY);
        bots.confirmed(NEW);
        assertThat(bots.list(0, 10)).as("a stranger's call registers nobody").isEmpty();
        bots.add(OLD, OwnRules.NONE);

        bots.confirmed(NEW);

        assertThat(bots.token(BOT)).contains(NEW);
    }

    @Test
    void a_registration_decides_before_the_settings_where_it_decides_at_all() {
        var bots = bots(KEY);
        settings = BotRules.NONE.withSkipLimits(true).withDedupeContent(MethodSet.of(List.of("sendMessage")));
        assertThat(bots.rules(BOT)).isEqualTo(settings);
        bots.add(OLD, OwnRules.NONE);
        assertThat(bots.rules(BOT)).isEqualTo(settings);

        bots.changeRules(BOT, own -> own.withSkipLimits(Optional.of(false)));

        assertThat(bots.rules(BOT).maySkipLimits()).isFalse();
        assertThat(bots.rules(BOT).dedupesByContent().contains(new Method("SENDmessage")))
                .isTrue();
        bots.changeRules(BOT, own -> OwnRules.NONE);
        assertThat(bots.rules(BOT)).isEqualTo(settings);
    }

    @Test
    void who_was_removed_is_registered_no_more() {
        var bots = bots(KEY);
        bots.add(OLD, OwnRules.NONE);

        assertThat(bots.remove(BOT)).isInstanceOf(Change.Done.class);

        assertThat(bots.standing(BOT)).isEqualTo(Standing.NOT_REGISTERED);
        assertThat(bots.token(BOT)).isEmpty();
        assertThat(bots.remove(BOT)).isEqualTo(new Change.Missing());
    }

    @Test
    void bots_are_listed_in_pages() {
        var bots = bots(KEY);
        for (int id = 1; id <= 5; id++) {
            var token = token(id + ":AA-token");
            telegram.put(token, valid());
            bots.add(token, OwnRules.NONE);
        }

        assertThat(bots.list(0, 2)).extracting(Bot::id).containsExactly(new BotId(1), new BotId(2));
        assertThat(bots.list(2, 9)).extracting(Bot::id).containsExactly(new BotId(3), new BotId(4), new BotId(5));
    }

    @Test
    void a_rotation_of_the_key_seals_tokens_anew_so_that_the_old_key_can_go() {
        bots(KEY).add(OLD, OwnRules.NONE);

        bots(NEXT_KEY, KEY).refresh();

        var later = bots(NEXT_KEY);
        later.refresh();
        assertThat(later.token(BOT)).contains(OLD);
    }

    @Test
    void a_token_whose_key_is_gone_is_said_to_be_unreadable_and_can_be_given_anew() {
        bots(KEY).add(OLD, OwnRules.NONE);
        var later = bots(NEXT_KEY);
        later.refresh();

        assertThat(later.token(BOT)).isEmpty();
        assertThat(later.find(BOT).orElseThrow().tokenReadable()).isFalse();
        assertThat(later.rotate(BOT, OLD)).isInstanceOf(Change.Done.class);
        assertThat(later.token(BOT)).contains(OLD);
    }

    @Test
    void without_a_chosen_key_all_processes_read_each_others_tokens_also_after_a_wipe() {
        var here = onRedis(KeyRing.random());
        var there = onRedis(KeyRing.random());
        here.add(OLD, OwnRules.NONE);
        there.refresh();
        assertThat(there.token(BOT)).contains(OLD);
        redis.flush();
        here.add(OLD, OwnRules.NONE);
        there.refresh();

        assertThat(there.token(BOT)).contains(OLD);
    }

    @Test
    void who_listens_hears_whose_limits_have_changed_here_and_elsewhere_and_that_they_are_gone() {
        var here = bots(KEY);
        var there = bots(KEY);
        there.refresh();
        var heard = new ArrayList<Set<BotId>>();
        there.tellLimits(heard::add);
        there.refresh();
        here.changeLimits(BOT, now -> now.withShadow(Optional.of(true)));
        assertThat(there.limits(BOT)).isEqualTo(SetLimits.NONE);
        there.refresh();
        assertThat(there.limits(BOT).shadow()).contains(true);
        there.changeLimits(new BotId(7), now -> now.withShadow(Optional.of(true)));
        there.refresh();
        redis.flush();
        there.refresh();

        assertThat(heard)
                .containsExactly(Set.of(), Set.of(BOT), Set.of(new BotId(7)), Set.of(), Set.of(BOT, new BotId(7)));
        assertThat(there.limits(BOT)).isEqualTo(SetLimits.NONE);
    }

    @Test
    void of_changes_to_different_limits_at_once_none_is_lost() throws Exception {
        var changes = new ArrayList<Callable<LimitsChange>>();
        for (LimitScope scope : LimitScope.values()) {
            changes.add(() -> bots(KEY)
                    .changeLimits(BOT, now -> now.with(scope, Optional.of(Limit.atMost(7, Duration.ofSeconds(1))))));
        }
        try (var threads = Executors.newFixedThreadPool(changes.size())) {
            int done = 0;
            for (var change : threads.invokeAll(changes)) {
                done += change.get() instanceof LimitsChange.Done ? 1 : 0;
            }
            assertThat(bots(KEY).limitsNow(BOT).limits()).hasSize(done);
        }
    }

    @Test
    void before_the_first_reading_nobody_is_told_that_a_bot_is_not_registered() {
        assertThat(bots(KEY).standing(BOT)).isEqualTo(Standing.NOT_KNOWN);
    }

    @Test
    void in_memory_it_is_the_same_for_one_process() {
        var bots = Bots.inMemory(KeyRing.random(), this::ask, bot -> settings, () -> NOW);
        assertThat(bots.standing(BOT)).isEqualTo(Standing.NOT_REGISTERED);

        assertThat(bots.add(OLD, OwnRules.NONE)).isInstanceOf(Change.Done.class);

        assertThat(bots.token(BOT)).contains(OLD);
        assertThat(bots.count()).isEqualTo(1);
    }

    private Bots bots(String... keys) {
        return onRedis(KeyRing.of(List.of(keys)));
    }

    private Bots onRedis(KeyRing keys) {
        var kept = new KeptKey(redis.runner(), KeySpace.DEFAULT, keys);
        return Bots.onRedis(redis.runner(), KeySpace.DEFAULT, keys, kept, this::ask, bot -> settings, () -> NOW);
    }

    private TokenCheck.Verdict ask(BotToken token) {
        return telegram.getOrDefault(token, new TokenCheck.Verdict.Invalid());
    }

    private static TokenCheck.Verdict valid() {
        return new TokenCheck.Verdict.Valid("shop_bot");
    }

    private static BotToken token(String text) {
        return BotToken.parse(text).orElseThrow();
    }
}
