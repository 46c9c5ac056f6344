'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const SVG = 'http://www.w3.org/2000/svg';
  const LANE = 22;
  const CHART = 52;
  const LOG = 26;
  const PRINTED = 690; // width on paper
  const AXIS = 24;
  const BLOCK = 12; // most lanes that are drawn together
  const LETTER = 6.65; // width of a letter of the jobs' font

  // How each state looks: a name of its pattern, and what the legend calls it.
  const LOOKS = {
    COMPLETED: 'completed', FAILED: 'failed', CANCELLED: 'cancelled', TIMEOUT: 'timeout',
    DEADLINE: 'timeout', NODE_FAIL: 'node', BOOT_FAIL: 'node', RUNNING: 'running',
    CONFIGURING: 'running', COMPLETING: 'completing', STAGE_OUT: 'completing', PENDING: 'waiting',
  };
  const WAITING = ['PENDING', 'REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'RESV_DEL_HOLD', 'SPECIAL_EXIT'];
  const look = (job) => LOOKS[job.state] || (WAITING.includes(job.state) ? 'waiting' : 'other');
  const words = (state) => state.toLowerCase().replace(/_/g, ' ');

  const byId = (id) => document.getElementById(id);
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const svg = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const appendAll = (parent, children) => children.forEach((child) => parent.append(child));

  // Times are those of the cluster's clock.
  const local = (time) => new Date(time + data.zoneMinutes * 60000).toISOString();
  const clock = (time, seconds) => local(time).slice(11, seconds ? 19 : 16);
  const dateTime = (time) => local(time).slice(0, 19).replace('T', ' ');
  const zone = () => {
    const minutes = Math.abs(data.zoneMinutes);
    const two = (number) => String(number).padStart(2, '0');
    return 'UTC' + (minutes === 0 ? '' :
      (data.zoneMinutes < 0 ? '−' : '+') + two(Math.floor(minutes / 60)) + ':' + two(minutes % 60));
  };
  const duration = (milliseconds) => {
    const all = Math.round(milliseconds / 1000);
    const parts = [[Math.floor(all / 86400), 'd'], [Math.floor(all / 3600) % 24, 'h'],
      [Math.floor(all / 60) % 60, 'm'], [all % 60, 's']];
    const first = parts.findIndex((part) => part[0] > 0);
    return first < 0 ? '0 s' : parts.slice(first, first + 2).filter((part) => part[0] > 0)
      .map((part) => part[0] + ' ' + part[1]).join(' ');
  };
  const memory = (megabytes) => megabytes < 1024 ? megabytes + ' MB'
    : megabytes < 1024 * 1024 ? (Math.round(megabytes / 102.4) / 10) + ' GB'
      : (Math.round(megabytes / 1024 / 102.4) / 10) + ' TB';
  const tenth = (number) => Math.round(number * 10) / 10;
  const plural = (count, word) => count + ' ' + word + (count === 1 ? '' : 's');

  // ---- what is drawn: rows with a place, and lanes of jobs

  const endOfWait = (job) => job.started !== undefined ? job.started
    : job.ended !== undefined ? job.ended : data.to;
  const endOfRun = (job) => job.ended !== undefined ? job.ended : data.to;

  /** Puts bars below each other where they overlap. */
  const lanes = (bars) => {
    bars.sort((a, b) => a.begin - b.begin || a.index - b.index);
    const ends = [];
    const made = [];
    for (const bar of bars) {
      let lane = ends.findIndex((end) => end <= bar.begin);
      if (lane < 0) {
        lane = ends.length;
        made.push([]);
      }
      ends[lane] = Math.max(bar.end, bar.begin + 1000);
      made[lane].push(bar);
    }
    return made;
  };

  const total = (key) => data.nodes.reduce((sum, node) => sum + node[key], 0);
  const highest = (points) => points.reduce((most, point) => Math.max(most, point[1]), 0);
  const usages = [
    { name: 'CPUs', points: data.usage.cpus, limit: total('cpus'), show: String },
    { name: 'Memory', points: data.usage.memory, limit: total('memory'), show: memory },
    { name: 'GPUs', points: data.usage.gpus, limit: total('gpus'), show: String },
    { name: 'Queue', points: data.usage.queue, limit: 0, show: String },
  ].filter((usage) => usage.name !== 'GPUs' || usage.limit > 0 || highest(usage.points) > 0);

  // A block is what is drawn together; the browser scrolls it. Its rows are below each other.
  const blocks = [];
  let height = AXIS;
  const addBlock = (rows) => {
    const block = { y: height, height: 0, rows };
    for (const row of rows) {
      row.y = block.height;
      block.height += row.height;
    }
    height += block.height;
    blocks.push(block);
  };
  usages.forEach((usage) => addBlock([{ kind: 'usage', usage, height: CHART }]));
  addBlock([{ kind: 'log', height: LOG }]);

  const perNode = new Map(data.nodes.map((node) => [node.name, []]));
  const waiting = [];
  data.jobs.forEach((job, index) => {
    if (job.started !== undefined) {
      for (const node of job.nodes) {
        if (!perNode.has(node)) perNode.set(node, []);
        const end = job.freed !== undefined ? job.freed : endOfRun(job);
        perNode.get(node).push({ index, begin: job.started, end });
      }
    }
    if (job.submitted !== undefined && (job.started === undefined || job.started > job.submitted)) {
      waiting.push({ index, begin: job.submitted, end: endOfWait(job) });
    }
  });
  const nodesByName = new Map(data.nodes.map((node) => [node.name, node]));
  let striped = false;
  const addGroup = (name, detail, bars, isWaiting) => {
    striped = !striped;
    const group = lanes(bars);
    if (group.length === 0) group.push([]);
    const rows = group.map((bar, lane) => ({
      kind: 'lane', bars: bar, isWaiting, striped, height: LANE,
      label: lane % BLOCK === 0 ? name : '', detail: lane === 0 ? detail : '', isFirst: lane === 0,
    }));
    for (let i = 0; i < rows.length; i += BLOCK) addBlock(rows.slice(i, i + BLOCK));
  };
  perNode.forEach((bars, name) => {
    const node = nodesByName.get(name);
    addGroup(name, node ? node.state : 'removed', bars, false);
  });
  if (waiting.length > 0) addGroup('Waiting', plural(waiting.length, 'job'), waiting, true);

  // ---- drawing

  const chart = byId('chart');
  const sheet = byId('sheet');
  let zoom = 1;
  let width = 0; // of what is in view
  let label = 0; // width of the names
  let left = 0; // where on the sheet the part begins that is drawn
  let drawn = 0; // width of that part
  let printing = false;

  const pattern = (name, paths, size) => {
    const made = svg('pattern', { id: 'look-' + name, width: size, height: size, patternUnits: 'userSpaceOnUse' });
    made.append(svg('rect', { width: size, height: size, class: 'ground-' + name }));
    if (paths) made.append(svg('path', { d: paths, class: 'mark mark-' + name }));
    return made;
  };
  const definitions = svg('defs', {});
  definitions.append(
    pattern('waiting', 'M-1 7L7 -1M-1 15L15 -1M7 15L15 7', 14),
    pattern('running', '', 8),
    pattern('completing', 'M0 0L7 7M0 7L7 0', 7),
    pattern('completed', '', 8),
    pattern('failed', 'M-1 1L1 -1M0 5L5 0M4 6L6 4', 5),
    pattern('timeout', 'M0 3H6', 6),
    pattern('cancelled', 'M3 0V6', 6),
    pattern('node', 'M0 4H8M4 0V8', 8),
    pattern('other', 'M2.4 3A0.6 0.6 0 1 0 3.6 3A0.6 0.6 0 1 0 2.4 3', 6));
  const patterns = svg('svg', { width: 0, height: 0, class: 'patterns', 'aria-hidden': 'true' });
  patterns.append(definitions);
  const axis = element('div', undefined, 'axis-row');
  const cursor = element('div', undefined, 'cursor');
  cursor.hidden = true;
  sheet.append(axis, cursor);
  chart.before(patterns);

  const plot = () => (width - label) * zoom;
  const measure = () => {
    width = printing ? PRINTED : chart.clientWidth;
    label = width < 600 ? 88 : 160;
    sheet.style.width = (label + plot()) + 'px';
    sheet.style.height = printing ? '' : height + 'px';
  };

  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800];
  const ticks = (from, to) => {
    const perPixel = (data.to - data.from) / plot();
    const step = 1000 * (STEPS.find((seconds) => seconds * 1000 / perPixel >= 76) || STEPS[STEPS.length - 1]);
    const offset = data.zoneMinutes * 60000;
    const made = [];
    for (let time = Math.ceil((from + offset) / step) * step - offset; time <= to; time += step) {
      const isDay = step >= 86400000 || local(time).slice(11, 19) === '00:00:00';
      made.push({ time, text: isDay ? local(time).slice(0, 10) : clock(time, step < 60000) });
    }
    return made;
  };

  const drawUsage = (row, y, x, from, to, layer) => {
    const { points, limit, show, name } = row.usage;
    const most = highest(points);
    const top = Math.max(limit, most, 1);
    const level = (value) => y + row.height - 4 - value / top * (row.height - 14);
    const clip = (time) => Math.min(Math.max(x(time), -4), drawn + 4);
    let path = '';
    points.forEach((point, i) => {
      const end = i + 1 < points.length ? points[i + 1][0] : data.to;
      if (end < from || point[0] > to) return;
      path += (path ? 'L' : 'M' + clip(point[0]) + ' ' + level(0) + 'L') + clip(point[0]) + ' ' + level(point[1])
        + 'L' + clip(end) + ' ' + level(point[1]);
    });
    if (path) layer.bars.append(svg('path', { class: 'area', d: path + 'L' + clip(to) + ' ' + level(0) + 'Z' }));
    if (limit > 0) {
      layer.bars.append(svg('line', { class: 'limit', x1: 0, x2: drawn, y1: level(limit), y2: level(limit) }));
    }
    layer.labels.append(
      svg('text', { class: 'label name', x: 8, y: y + 20 }, name),
      svg('text', { class: 'label quiet', x: 8, y: y + 37 },
        'most ' + show(most) + (limit > 0 && width >= 600 ? ' of ' + show(limit) : '')));
  };

  const KINDS = { error: 'error', warning: 'warning', node: 'change of a node' };
  const SHAPES = { // paths around 0, 0
    error: 'M-6 -6H6V6H-6Z', warning: 'M0 -7L7 6H-7Z', node: 'M0 -7L7 0L0 7L-7 0Z',
  };
  const drawLog = (row, y, x, from, to, layer) => {
    layer.labels.append(svg('text', { class: 'label name', x: 8, y: y + 17 }, 'Log'));
    const clusters = [];
    data.events.forEach((event, index) => {
      if (event.time < from || event.time > to) return;
      const at = x(event.time);
      const last = clusters[clusters.length - 1];
      if (last && at - last.at < 24) last.indices.push(index);
      else clusters.push({ at, indices: [index] });
    });
    for (const cluster of clusters) {
      const events = cluster.indices.map((index) => data.events[index]);
      const kind = ['error', 'warning', 'node'].find((each) => events.some((event) => event.kind === each));
      const mark = svg('g', { class: 'event', 'data-events': cluster.indices[0] + ' ' + cluster.indices.length });
      mark.append(
        svg('path', { class: 'event-' + kind, d: SHAPES[kind], transform: 'translate(' + cluster.at + ' ' + (y + 13) + ')' }),
        svg('title', {}, events.slice(0, 5).map((event) => event.source + ': ' + event.text).join('\n')
          + (events.length > 5 ? '\n… and ' + (events.length - 5) + ' more' : '')));
      if (events.length > 1) mark.append(svg('text', { x: cluster.at + 8, y: y + 17 }, String(events.length)));
      layer.bars.append(mark);
    }
  };

  const bar = (begin, end, name, y, x, caption) => {
    const start = Math.max(x(begin), -8);
    const stop = Math.min(Math.max(x(end), x(begin) + 4), drawn + 8);
    const made = [svg('rect', {
      x: start, y: y + 3, width: tenth(Math.max(stop - start, 1)), height: LANE - 6, rx: 2,
      fill: 'url(#look-' + name + ')', class: 'stroke-' + name,
      'stroke-dasharray': name === 'waiting' ? '4 2' : 'none',
    })];
    const room = Math.floor((stop - Math.max(start, 0) - 6) / LETTER);
    const text = caption.length <= room ? caption : room >= 5 ? caption.slice(0, room - 1) + '…'
      : caption.split(' ')[0].length <= room ? caption.split(' ')[0] : '';
    if (text) {
      const at = Math.max(start, 0) + 3;
      made.push(svg('rect', { class: 'plate', x: at, y: y + 5, width: tenth(text.length * LETTER + 3), height: LANE - 10 }),
        svg('text', { x: at + 1.5, y: y + 15 }, text));
    }
    return made;
  };
  const describe = (job) => 'Job ' + job.id + ' ' + job.name + ': ' + words(job.state)
    + (job.reason !== 'None' ? ' (' + job.reason + ')' : '')
    + (job.started !== undefined ? ', ran ' + duration(endOfRun(job) - job.started) : '')
    + (job.submitted !== undefined ? ', waited ' + duration(endOfWait(job) - job.submitted) : '');
  const drawLane = (row, y, x, from, to, layer) => {
    if (row.label) {
      const room = Math.floor((label - 12) / 7);
      const text = row.label.length > room ? '…' + row.label.slice(1 - room) : row.label;
      const name = svg('text', { class: 'label name', x: 8, y: y + 15 }, text);
      name.append(svg('title', {}, row.label + ': ' + row.detail));
      layer.labels.append(name);
      if (text.length + row.detail.length + 1 <= room) {
        layer.labels.append(svg('text', { class: 'label quiet', x: label - 6, y: y + 15, 'text-anchor': 'end' }, row.detail));
      }
    }
    // The bars of a lane do not overlap, so that their ends are in order, too.
    let low = 0;
    let high = row.bars.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Math.max(row.bars[middle].end, row.bars[middle].begin + 1000) < from) low = middle + 1;
      else high = middle;
    }
    for (let i = low; i < row.bars.length && row.bars[i].begin <= to; i++) {
      const item = row.bars[i];
      const job = data.jobs[item.index];
      const group = svg('g', { class: 'job', 'data-job': item.index });
      const caption = job.code + ' ' + job.id + ' ' + job.name;
      if (row.isWaiting) {
        const ended = job.started === undefined && job.ended !== undefined;
        appendAll(group, bar(item.begin, item.end, ended && item.end === item.begin ? look(job) : 'waiting', y, x,
          (ended ? caption : 'PD ' + job.id + ' ' + job.name)));
      } else {
        const end = endOfRun(job);
        appendAll(group, bar(item.begin, end, look(job) === 'completing' ? 'running' : look(job), y, x, caption));
        if (job.freed !== undefined && job.freed > end) {
          appendAll(group, bar(end, job.freed, 'completing', y, x, 'CG'));
        }
      }
      group.append(svg('title', {}, describe(job)));
      layer.bars.append(group);
    }
  };

  const timeAt = (position) => data.from + (position - label) * (data.to - data.from) / plot();
  const drawBlock = (block) => {
    const from = timeAt(left);
    const to = Math.min(data.to, timeAt(left + drawn));
    const scale = plot() / (data.to - data.from);
    const x = (time) => tenth(label + (time - data.from) * scale - left);
    const layer = { bars: svg('g', {}), labels: svg('svg', { width: label, height: block.height, class: 'labels' }) };
    const picture = svg('svg', { width: drawn, height: block.height, class: 'plot' });
    picture.style.left = left + 'px';
    for (const tick of block.ticks) {
      picture.append(svg('line', { class: 'grid', x1: x(tick.time), x2: x(tick.time), y1: 0, y2: block.height }));
    }
    for (const row of block.rows) {
      if (row.kind === 'usage') drawUsage(row, row.y, x, from, to, layer);
      else if (row.kind === 'log') drawLog(row, row.y, x, from, to, layer);
      else drawLane(row, row.y, x, from, to, layer);
    }
    picture.append(layer.bars);
    const made = element('div', undefined, 'block' + (block.rows[0].striped ? ' band' : '')
      + (block.rows[0].isFirst ? ' first' : ''));
    made.style.top = block.y + 'px';
    made.style.height = block.height + 'px';
    made.append(layer.labels, picture);
    sheet.append(made);
    return made;
  };
  const drawAxis = (marks) => {
    const scale = plot() / (data.to - data.from);
    const picture = svg('svg', { width: drawn, height: AXIS, class: 'plot' });
    picture.style.left = left + 'px';
    marks.forEach((tick) => {
      const at = Math.round(label + (tick.time - data.from) * scale - left);
      picture.append(svg('line', { class: 'grid', x1: at, x2: at, y1: 0, y2: AXIS }),
        svg('text', { class: 'axis', x: at + 3, y: 16 }, tick.text));
    });
    const corner = svg('svg', { width: label, height: AXIS, class: 'labels' });
    corner.append(svg('text', { class: 'axis', x: 8, y: 16 }, local(timeAt(left)).slice(0, 10)));
    axis.replaceChildren(corner, picture);
  };

  let marks = [];
  const forget = (block) => {
    if (block.made) block.made.remove();
    block.made = undefined;
  };
  /** Draws again, around what is in view. */
  const drawAll = () => {
    drawn = printing ? width - label : Math.min((width - label) * 3, plot());
    left = printing ? label : Math.round(Math.min(
      Math.max(chart.scrollLeft + label - (width - label), label), label + plot() - drawn));
    blocks.forEach(forget);
    marks = ticks(timeAt(left), timeAt(left + drawn));
    drawAxis(marks);
    drawMissing();
  };
  /** Draws what has come into view, and a little more; takes away what is far off. */
  const drawMissing = () => {
    const inView = chart.clientHeight;
    const top = chart.scrollTop;
    for (const block of blocks) {
      const distance = Math.max(block.y - top - inView, top - block.y - block.height);
      if (printing || distance <= inView / 2) {
        if (!block.made) {
          block.ticks = marks;
          block.made = drawBlock(block);
        }
      } else if (distance > inView * 3) {
        forget(block);
      }
    }
  };
  let isAsked = false;
  const redraw = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      const begin = chart.scrollLeft + label;
      if (begin < left || begin + width - label > left + drawn + 1) drawAll();
      else drawMissing();
    });
  };
  const setZoom = (value) => {
    const center = (chart.scrollLeft + (width - label) / 2) / plot();
    zoom = Math.min(Math.max(value, 1), 1024);
    measure();
    chart.scrollLeft = center * plot() - (width - label) / 2;
    drawAll();
  };
  byId('zoom-in').addEventListener('click', () => setZoom(zoom * 2));
  byId('zoom-out').addEventListener('click', () => setZoom(zoom / 2));
  byId('zoom-all').addEventListener('click', () => setZoom(1));
  chart.addEventListener('scroll', redraw, { passive: true });
  new ResizeObserver(() => {
    if (printing || chart.clientWidth === width) return;
    measure();
    drawAll();
  }).observe(chart);

  const valueAt = (points, time) => {
    let value = 0;
    for (const point of points) {
      if (point[0] > time) break;
      value = point[1];
    }
    return value;
  };
  chart.addEventListener('mousemove', (event) => {
    const at = event.clientX - sheet.getBoundingClientRect().left;
    if (at - chart.scrollLeft < label) return;
    cursor.style.left = at + 'px';
    cursor.hidden = false;
    const time = timeAt(at);
    byId('moment').textContent = clock(time, true) + ': ' + usages.map((usage) => usage.name + ' '
      + usage.show(valueAt(usage.points, time)) + (usage.limit > 0 ? '/' + usage.show(usage.limit) : '')).join(', ');
  });
  chart.addEventListener('mouseleave', () => {
    cursor.hidden = true;
    byId('moment').textContent = '';
  });

  // ---- details

  const dialog = byId('details');
  const list = (pairs) => {
    const made = element('dl');
    pairs.filter((pair) => pair[1] !== undefined && pair[1] !== '')
      .forEach((pair) => made.append(element('dt', pair[0]), element('dd', pair[1])));
    return made;
  };
  const show = (heading, parts) => {
    byId('details-heading').textContent = heading;
    byId('details-body').replaceChildren();
    appendAll(byId('details-body'), parts);
    dialog.showModal();
    dialog.scrollTop = 0;
  };
  const texts = (heading, text) => {
    if (!text) return [];
    const made = [element('h3', heading)];
    const about = [text.file, text.note].filter((part) => part !== undefined).join(' · ');
    if (about) made.push(element('p', about, 'file'));
    if (text.text !== undefined) made.push(element('pre', text.text === '' ? '(empty)' : text.text));
    return made;
  };
  const showJob = (job) => show('Job ' + job.id + ' · ' + job.name, [
    list([
      ['State', words(job.state) + ' (' + job.code + ')'],
      ['Reason', job.reason],
      ['Exit code', job.ended !== undefined ? job.exit + ' (code:signal)' : undefined],
      ['User', job.user + (job.account ? ', account ' + job.account : '')],
      ['Partition', job.partition],
      ['Nodes', job.nodes.join(', ') || 'none'],
      ['Resources', plural(job.cpus, 'CPU') + ', ' + memory(job.memory)
        + (job.gpus > 0 ? ', ' + plural(job.gpus, 'GPU') : '')],
      ['Submitted', job.submitted !== undefined ? dateTime(job.submitted) : undefined],
      ['Started', job.started !== undefined
        ? dateTime(job.started) + ' (waited ' + duration(endOfWait(job) - job.submitted) + ')' : undefined],
      ['Ended', job.ended !== undefined
        ? dateTime(job.ended) + (job.started !== undefined ? ' (ran ' + duration(job.ended - job.started) + ')' : '') : undefined],
      ['Completing', job.freed !== undefined ? duration(job.freed - job.ended) : undefined],
      ['Dependency', job.dependency],
      ['Command', job.command],
      ['Directory', job.directory],
      ['Comment', job.comment],
    ]),
    // Of a record of accounting, Slurm does not say where the job ran and wrote.
    ...(job.directory === undefined
      ? [element('p', 'slurmctld has forgotten this job, so its script and output are not in this report.')] : []),
    ...texts('Script', job.script), ...texts(job.err ? 'Standard output' : 'Output', job.out),
    ...texts('Standard error', job.err),
  ]);
  const eventTable = (events) => {
    const table = element('table');
    table.append(head(['Time', 'Node', 'Kind', 'Line']));
    events.forEach((event) => table.append(line([
      [dateTime(event.time), 'fixed'], [event.source, 'fixed'], [KINDS[event.kind], 'fixed'], [event.text, 'long']])));
    return table;
  };
  sheet.addEventListener('click', (event) => {
    const job = event.target.closest('.job');
    const events = event.target.closest('.event');
    if (job) showJob(data.jobs[Number(job.getAttribute('data-job'))]);
    if (events) {
      const [first, count] = events.getAttribute('data-events').split(' ').map(Number);
      show('Logged by Slurm\u2019s daemons', [eventTable(data.events.slice(first, first + count))]);
    }
  });
  byId('close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });

  // ---- tables

  const head = (names) => {
    const section = element('thead');
    const row = element('tr');
    names.forEach((name) => row.append(element('th', name)));
    section.append(row);
    return section;
  };
  const line = (cells) => {
    const row = element('tr');
    cells.forEach(([text, className]) => row.append(element('td', text, className)));
    return row;
  };
  const jobRows = data.jobs.map((job) => {
    const row = line([
      ['', 'fixed'], [job.name, 'long'], [job.user], [job.partition],
      [words(job.state) + (job.ended !== undefined && job.exit !== '0:0' ? ' (' + job.exit + ')' : ''), 'fixed'],
      [job.reason === 'None' ? '' : job.reason], [job.nodes.join(', ')], [String(job.cpus), 'number'],
      [job.submitted !== undefined ? dateTime(job.submitted) : '', 'fixed'],
      [job.submitted !== undefined ? duration(endOfWait(job) - job.submitted) : '', 'fixed'],
      [job.started !== undefined ? duration(endOfRun(job) - job.started) : '', 'fixed'],
    ]);
    const button = element('button', job.id);
    button.type = 'button';
    button.addEventListener('click', () => showJob(job));
    row.firstChild.append(button);
    return row;
  });
  appendAll(byId('jobs'), [
    head(['Job', 'Name', 'User', 'Partition', 'State (exit)', 'Reason', 'Nodes', 'CPUs', 'Submitted', 'Waited', 'Ran']),
    ...jobRows,
  ]);
  const filter = () => {
    const wanted = byId('filter').value.toLowerCase();
    let count = 0;
    jobRows.forEach((row) => {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      if (!row.hidden) count++;
    });
    byId('count').textContent = wanted ? count + ' of ' + plural(jobRows.length, 'job') : plural(jobRows.length, 'job');
  };
  byId('filter').addEventListener('input', filter);
  filter();
  appendAll(byId('nodes'), [
    head(['Node', 'State', 'Reason', 'CPUs', 'Memory', 'GPUs']),
    ...data.nodes.map((node) => line([[node.name, 'fixed'], [node.state],
      [(node.reason || '') + (node.since !== undefined ? ' (' + dateTime(node.since) + ')' : ''), 'long'],
      [String(node.cpus), 'number'], [memory(node.memory), 'number'], [String(node.gpus), 'number']])),
  ]);
  byId('events').replaceWith(eventTable(data.events));
  byId('events-note').textContent = data.events.length === 0
    ? 'No error, no warning, and no change of a node\u2019s state.'
    : data.eventsLeftOut > 0 ? plural(data.eventsLeftOut, 'earlier line') + ' left out.' : '';

  // ---- summary and legend

  const failed = data.jobs.filter((job) => ['failed', 'node', 'timeout', 'other'].includes(look(job))
    && job.ended !== undefined).length;
  byId('summary').textContent = [
    'Slurm ' + data.version, plural(data.nodes.length, 'node'),
    plural(data.jobs.length, 'job') + (failed > 0 ? ' (' + failed + ' did not end well)' : ''),
    dateTime(data.from) + ' to ' + dateTime(data.to) + ' ' + zone(), 'from ' + data.source,
  ].join(' · ');
  const sample = (name) => {
    const picture = svg('svg', { width: 30, height: 14 });
    picture.append(svg('rect', { x: 1, y: 1, width: 28, height: 12, rx: 2, fill: 'url(#look-' + name + ')',
      class: 'stroke-' + name, 'stroke-dasharray': name === 'waiting' ? '4 2' : 'none' }));
    return picture;
  };
  const legend = new Map();
  if (waiting.length > 0) legend.set('waiting', ['PD waiting']);
  data.jobs.forEach((job) => {
    const name = look(job);
    const entry = legend.get(name) || [];
    const text = job.code + ' ' + words(job.state);
    if (name !== 'waiting' && name !== 'completing' && !entry.includes(text)) entry.push(text);
    if (entry.length > 0) legend.set(name, entry);
    if (job.freed !== undefined) legend.set('completing', ['CG completing']);
  });
  legend.forEach((entries, name) => {
    const item = element('span');
    item.append(sample(name), entries.join(', '));
    byId('legend').append(item);
  });
  for (const kind of ['error', 'warning', 'node']) {
    if (!data.events.some((event) => event.kind === kind)) continue;
    const item = element('span');
    const picture = svg('svg', { width: 16, height: 16 });
    picture.append(svg('path', { class: 'event-' + kind, d: SHAPES[kind], transform: 'translate(8 8)' }));
    item.append(picture, KINDS[kind]);
    byId('legend').append(item);
  }

  // A printed page holds all rows, not those that are in view.
  const setPrinting = (value) => {
    printing = value;
    measure();
    drawAll();
  };
  window.addEventListener('beforeprint', () => setPrinting(true));
  window.addEventListener('afterprint', () => setPrinting(false));

  measure();
  drawAll();
  document.documentElement.dataset.ready = 'true';
})();
