import '../shared/base.css';
import './track.css';

import { mount } from 'svelte';

import TrackPage from './TrackPage.svelte';

mount(TrackPage, { target: document.getElementById('page')! });
