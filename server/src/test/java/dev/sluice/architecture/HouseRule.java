package dev.sluice.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.lang.ArchRule;
import dev.sluice.architecture.canary.access.AccessCanary;
import dev.sluice.architecture.canary.broadcast.BroadcastCanary;
import dev.sluice.architecture.canary.budget.BudgetCanary;
import dev.sluice.architecture.canary.bundle.BundleCanary;
import dev.sluice.architecture.canary.cache.CacheCanary;
import dev.sluice.architecture.canary.common.CommonCanary;
import dev.sluice.architecture.canary.delivery.CycleCanary;
import dev.sluice.architecture.canary.delivery.ThirdPartyCanary;
import dev.sluice.architecture.canary.encryption.EncryptionCanary;
import dev.sluice.architecture.canary.event.EventCanary;
import dev.sluice.architecture.canary.fsm.ChanceCanary;
import dev.sluice.architecture.canary.fsm.ClockCanary;
import dev.sluice.architecture.canary.fsm.DatabaseCanary;
import dev.sluice.architecture.canary.fsm.FsmCanary;
import dev.sluice.architecture.canary.fsm.HttpCanary;
import dev.sluice.architecture.canary.fsm.InstantCanary;
import dev.sluice.architecture.canary.fsm.PrintingCanary;
import dev.sluice.architecture.canary.fsm.ServerCanary;
import dev.sluice.architecture.canary.fsm.SleepCanary;
import dev.sluice.architecture.canary.fsm.ThingImpl;
import dev.sluice.architecture.canary.history.HistoryCanary;
import dev.sluice.architecture.canary.idempotency.IdempotencyCanary;
import dev.sluice.architecture.canary.job.JobCanary;
import dev.sluice.architecture.canary.keys.KeysCanary;
import dev.sluice.architecture.canary.limit.LimitCanary;
import dev.sluice.architecture.canary.lock.LockCanary;
import dev.sluice.architecture.canary.namedlimit.NamedLimitCanary;
import dev.sluice.architecture.canary.privacy.PrivacyCanary;
import dev.sluice.architecture.canary.queue.QueueCanary;
import dev.sluice.architecture.canary.redis.RedisCanary;
import dev.sluice.architecture.canary.region.RegionCanary;
import dev.sluice.architecture.canary.retrieval.RetrievalCanary;
import dev.sluice.architecture.canary.session.SessionCanary;
import dev.sluice.architecture.canary.state.StateCanary;
import dev.sluice.architecture.canary.telegram.TelegramCanary;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;

/** What {@code ARCHITECTURE.md} and {@code CONTRIBUTING.md} promise about dependencies, names and time. */
enum HouseRule {
    TELEGRAM_IS_A_VOCABULARY_AND_DEPENDS_ON_NOTHING(
            root -> classes()
                    .that()
                    .resideInAPackage(root + ".telegram..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(root + ".telegram..", "java..", "org.jspecify.."),
            TelegramCanary.class),

    REDIS_KNOWS_NO_FEATURE(root -> knowsNothingOfSluiceBut(root, "redis", "telegram"), RedisCanary.class),

    REGION_KNOWS_NO_FEATURE(root -> knowsNothingOfSluiceBut(root, "region", "redis", "telegram"), RegionCanary.class),

    ENCRYPTION_KNOWS_NO_OTHER_FEATURE(
            root -> knowsNothingOfSluiceBut(root, "encryption", "redis", "telegram"), EncryptionCanary.class),

    PRIVACY_KNOWS_NO_FEATURE(root -> knowsNothingOfSluiceBut(root, "privacy", "redis"), PrivacyCanary.class),

    LIMIT_KNOWS_NO_OTHER_FEATURE(
            root -> knowsNothingOfSluiceBut(root, "limit", "redis", "telegram", "region"), LimitCanary.class),

    IDEMPOTENCY_KNOWS_NO_OTHER_FEATURE(
            root -> knowsNothingOfSluiceBut(root, "idempotency", "redis", "telegram", "region"),
            IdempotencyCanary.class),

    QUEUE_KNOWS_LIMITS_AND_FINGERPRINTS_BUT_NO_DELIVERY(
            root -> knowsNothingOfSluiceBut(root, "queue", "redis", "telegram", "limit", "idempotency", "privacy"),
            QueueCanary.class),

    BUDGET_KNOWS_LIMITS_BUT_NO_DELIVERY(
            root -> knowsNothingOfSluiceBut(root, "budget", "redis", "telegram", "region", "limit"),
            BudgetCanary.class),

    EVENT_KNOWS_FINGERPRINTS_BUT_NO_DELIVERY(
            root -> knowsNothingOfSluiceBut(root, "event", "redis", "telegram", "region", "idempotency"),
            EventCanary.class),

    NAMED_LIMITS_KNOW_LIMITS_BUT_NO_DELIVERY(
            root -> knowsNothingOfSluiceBut(root, "namedlimit", "redis", "telegram", "limit"), NamedLimitCanary.class),

    LOCKS_KNOW_NO_OTHER_FEATURE(root -> knowsNothingOfSluiceBut(root, "lock", "redis"), LockCanary.class),

    JOBS_KNOW_NO_OTHER_FEATURE(root -> knowsNothingOfSluiceBut(root, "job", "redis"), JobCanary.class),

    KEYS_KNOW_NO_FEATURE(root -> knowsNothingOfSluiceBut(root, "keys", "redis"), KeysCanary.class),

    STATE_KNOWS_HOW_TO_SEAL_AND_NO_OTHER_FEATURE(
            root -> knowsNothingOfSluiceBut(root, "state", "redis", "encryption"), StateCanary.class),

    CONVERSATIONS_KNOW_LOCKS_BUT_NO_DELIVERY(
            root -> knowsNothingOfSluiceBut(root, "fsm", "redis", "telegram", "encryption", "lock", "state", "privacy"),
            FsmCanary.class),

    SESSIONS_KNOW_NO_OTHER_FEATURE(
            root -> knowsNothingOfSluiceBut(root, "session", "redis", "telegram", "encryption", "state", "privacy"),
            SessionCanary.class),

    HISTORY_KNOWS_PRIVACY_BUT_NO_DELIVERY(
            root -> knowsNothingOfSluiceBut(root, "history", "redis", "telegram", "encryption", "privacy"),
            HistoryCanary.class),

    CACHES_KNOW_NO_OTHER_FEATURE(
            root -> knowsNothingOfSluiceBut(root, "cache", "redis", "encryption"), CacheCanary.class),

    BUNDLES_KNOW_LIMITS_BUT_NO_DELIVERY(
            root -> knowsNothingOfSluiceBut(root, "bundle", "redis", "telegram", "encryption", "limit", "privacy"),
            BundleCanary.class),

    ACCESS_KNOWS_CACHES_AND_NO_OTHER_FEATURE(
            root -> knowsNothingOfSluiceBut(root, "access", "redis", "telegram", "cache", "privacy"),
            AccessCanary.class),

    RETRIEVAL_KNOWS_CACHES_AND_NO_OTHER_FEATURE(
            root -> knowsNothingOfSluiceBut(root, "retrieval", "cache"), RetrievalCanary.class),

    BROADCAST_KNOWS_THE_QUEUE_BUT_NO_DELIVERY(
            root -> knowsNothingOfSluiceBut(root, "broadcast", "redis", "telegram", "idempotency", "queue"),
            BroadcastCanary.class),

    CORE_NEEDS_NO_SERVER_NO_SIMULATOR_NO_HTTP_AND_NO_DATABASE(
            root -> noClasses()
                    .that(areCore(root))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            root + ".server..", root + ".simulator..", "io.vertx..", "java.sql..", "javax.sql.."),
            DatabaseCanary.class,
            HttpCanary.class,
            ServerCanary.class),

    THIRD_PARTY_TYPES_STAY_OUT_OF_PUBLIC_CONTRACTS(
            root -> classes()
                    .that(areCore(root).and(not(resideInAPackage(root + ".redis.."))))
                    .and()
                    .arePublic()
                    .should(new ShowOnlyTypesOf(root + "..", "java..", "javax.crypto..", "org.jspecify..")),
            ThirdPartyCanary.class),

    PACKAGES_HAVE_NO_CYCLES(root -> slices().matching(root + ".(**)").should().beFreeOfCycles(), CycleCanary.class),

    PACKAGES_ARE_NAMED_FOR_WHAT_THEY_ARE_ABOUT(
            root -> noClasses()
                    .should()
                    .resideInAnyPackage(
                            "..util..",
                            "..utils..",
                            "..common..",
                            "..impl..",
                            "..model..",
                            "..models..",
                            "..manager..",
                            "..managers..",
                            "..helper..",
                            "..helpers.."),
            CommonCanary.class),

    CLASSES_ARE_NAMED_FOR_WHAT_THEY_ARE(
            root -> noClasses().should().haveNameMatching(".*(Impl|Manager|Helper|Helpers|Util|Utils)"),
            ThingImpl.class),

    TIME_AND_CHANCE_ARE_INJECTED(
            root -> noClasses()
                    .that(not(areClocks()))
                    .should()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(Instant.class, "now")
                    .orShould()
                    .callMethod(Math.class, "random")
                    .orShould()
                    .callConstructor(Random.class)
                    .orShould()
                    .callConstructor(Random.class, long.class),
            ClockCanary.class,
            InstantCanary.class,
            ChanceCanary.class),

    NOBODY_SLEEPS(
            root -> noClasses()
                    .should()
                    .callMethodWhere(DescribedPredicate.describe(
                            "the target is Thread.sleep",
                            call -> call.getTargetOwner().isEquivalentTo(Thread.class)
                                    && call.getName().equals("sleep"))),
            SleepCanary.class),

    CORE_PRINTS_NOTHING(root -> noClasses().that(areCore(root)).should(ACCESS_STANDARD_STREAMS), PrintingCanary.class),

    EVERY_PACKAGE_IS_NULL_MARKED(root -> classes().should(new LiveInNullMarkedPackages()), CommonCanary.class);

    // A rule is not changed once it is built, but Function cannot say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Function<String, ArchRule> rule;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<Class<?>> canaries;

    HouseRule(Function<String, ArchRule> rule, Class<?>... canaries) {
        this.rule = rule;
        this.canaries = List.of(canaries);
    }

    /** The classes under the canaries' root, each of which breaks this rule. */
    List<Class<?>> canaries() {
        return canaries;
    }

    /** The rule for the packages under {@code root}; holds where one of them does not exist yet. */
    ArchRule under(String root) {
        return rule.apply(root)
                .as(name().toLowerCase(Locale.ROOT).replace('_', ' '))
                .allowEmptyShould(true);
    }

    /** Everything that is not known to be outside: so a new package is core, and held to its rules, until said otherwise. */
    private static DescribedPredicate<JavaClass> areCore(String root) {
        return resideInAPackage(root + "..").and(not(resideInAnyPackage(root + ".server..", root + ".simulator..")));
    }

    /** Where the time enters: whatever is named Clock, and the one guard whose default clock is anchored to the calendar. */
    private static DescribedPredicate<JavaClass> areClocks() {
        return simpleNameEndingWith("Clock")
                .or(HasName.Predicates.name("dev.sluice.idempotency.InMemoryIdempotencyGuard"));
    }

    private static ArchRule knowsNothingOfSluiceBut(String root, String feature, String... known) {
        DescribedPredicate<JavaClass> others =
                resideInAPackage(root + "..").and(not(resideInAnyPackage(root, root + "." + feature + "..")));
        for (String name : known) {
            others = others.and(not(resideInAPackage(root + "." + name + "..")));
        }
        return noClasses()
                .that()
                .resideInAPackage(root + "." + feature + "..")
                .should()
                .dependOnClassesThat(others);
    }
}
