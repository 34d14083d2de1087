package dev.sluice.benchmarks;

import java.util.List;

/**
 * What belongs together in the report.
 *
 * @param title what is compared
 * @param method how it was measured, in a sentence
 */
record Section(String title, String method, List<Figure> figures) {}
