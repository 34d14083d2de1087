package dev.sluice.server.settings;

import dev.sluice.server.callback.AllowedTargets;
import java.net.URI;
import java.util.List;

/**
 * Everything that was decided before start, valid as a whole.
 *
 * @param notes what deserves a line at start although it is no error
 */
public record ServerSettings(
        HttpSettings http,
        StoreSettings store,
        RegionSettings regions,
        CachingSettings caching,
        TelegramSettings telegram,
        AccessSettings access,
        EncryptionSettings encryption,
        LimitSettings limits,
        BudgetSettings budget,
        IdempotencySettings idempotency,
        EventSettings events,
        JobSettings jobs,
        FsmSettings fsm,
        BundlingSettings bundling,
        RecentHistorySettings history,
        QueueingSettings queue,
        CallbackingSettings callbacks,
        StoreFailureSettings onStoreFailure,
        UploadSettings uploads,
        LogSettings log,
        List<String> notes) {

    static ServerSettings read(Reading reading, boolean embedded, List<String> notes) {
        var store = StoreSettings.read(reading, embedded);
        var regions = RegionSettings.read(reading);
        if (embedded && reading.isSet(RegionSettings.REGIONS)) {
            reading.refuse(RegionSettings.REGIONS, "--embedded starts a Redis that no other region can reach");
        }
        var settings = new ServerSettings(
                HttpSettings.read(reading),
                regions.ownUrl().map(store::at).orElse(store),
                regions,
                CachingSettings.read(reading),
                TelegramSettings.read(reading),
                AccessSettings.read(reading),
                EncryptionSettings.read(reading),
                LimitSettings.read(reading),
                BudgetSettings.read(reading),
                IdempotencySettings.read(reading),
                EventSettings.read(reading),
                JobSettings.read(reading),
                FsmSettings.read(reading),
                BundlingSettings.read(reading),
                RecentHistorySettings.read(reading),
                QueueingSettings.read(reading),
                CallbackingSettings.read(reading),
                StoreFailureSettings.read(reading),
                UploadSettings.read(reading),
                LogSettings.read(reading),
                List.copyOf(notes));
        if (!settings.http.isLoopback()
                && settings.access.bots().isEmpty()
                && !reading.isSet(AccessSettings.BOTS)
                && !settings.access.open()
                && !reading.isSet(HttpSettings.ADMIN_TOKEN)) {
            reading.refuse(
                    HttpSettings.HOST,
                    "other machines could send through it: name your bots in SLUICE_BOTS, or set SLUICE_ADMIN_TOKEN and register"
                            + " them, or set SLUICE_OPEN=true, or listen on 127.0.0.1");
        }
        return settings;
    }

    /** Whether bots need not be named or registered: nobody else can reach the gateway, or somebody said so. */
    public boolean servesEveryBot() {
        return access.bots().isEmpty() && (access.open() || http.isLoopback());
    }

    /** The same towards another Bot API server. */
    public ServerSettings withTelegramAt(URI url) {
        return new ServerSettings(
                http,
                store,
                regions,
                caching,
                telegram.at(url),
                access,
                encryption,
                limits,
                budget,
                idempotency,
                events,
                jobs,
                fsm,
                bundling,
                history,
                queue,
                callbacks,
                onStoreFailure,
                uploads,
                log,
                notes);
    }

    /** The same with callbacks that may go to this machine: what a developer's own receiver is on. */
    public ServerSettings withCallbacksToLoopback() {
        return new ServerSettings(
                http,
                store,
                regions,
                caching,
                telegram,
                access,
                encryption,
                limits,
                budget,
                idempotency,
                events,
                jobs,
                fsm,
                bundling,
                history,
                queue,
                callbacks.allowing(AllowedTargets.LOOPBACK),
                onStoreFailure,
                uploads,
                log,
                notes);
    }
}
