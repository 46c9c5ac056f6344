/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The report of what happened in a cluster, as one HTML page: {@link
 * io.github.slurmmaven.report.HistoryReport} reads it, {@link
 * io.github.slurmmaven.report.ReportPage} writes it. Uses {@code backend}, {@code client}, {@code
 * common}, {@code definition}, {@code operations}, {@code resource} and {@code slurm}.
 */
@NullMarked
package io.github.slurmmaven.report;

import org.jspecify.annotations.NullMarked;
